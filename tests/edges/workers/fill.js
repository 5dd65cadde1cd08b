// Puts a file into the bucket: the path is its key.
export default {
  async fetch(request, env) {
    await env.PACKAGES.put(new URL(request.url).pathname.slice(1), request.body);
    return new Response();
  },
};
