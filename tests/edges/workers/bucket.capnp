# The worker in front of a bucket. The bucket is miniflare's R2: a Durable Object with SQLite that keeps what it holds in a
# folder, put together here as miniflare does it, without what would read the requests of the worker first.

using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "edge", worker = (
      compatibilityDate = "COMPATIBILITY_DATE",
      modules = [(name = "bandari-edge.js", esModule = embed "bandari-edge.js")],
      bindings = [(name = "PACKAGES", r2Bucket = "bucket")],
    )),
    (name = "fill", worker = (
      compatibilityDate = "COMPATIBILITY_DATE",
      modules = [(name = "fill.js", esModule = embed "fill.js")],
      bindings = [(name = "PACKAGES", r2Bucket = "bucket")],
    )),
    (name = "bucket", worker = (
      compatibilityDate = "2023-07-24",
      modules = [(name = "object-entry.worker.js", esModule = embed "object-entry.worker.js")],
      bindings = [
        (name = "MINIFLARE_NAMESPACE", text = "packages"),
        (name = "MINIFLARE_OBJECT",
          durableObjectNamespace = (serviceName = "objects", className = "R2BucketObject")),
      ],
    )),
    (name = "objects", worker = (
      compatibilityDate = "2023-07-24",
      compatibilityFlags = ["nodejs_compat", "experimental"],
      modules = [(name = "bucket.worker.js", esModule = embed "bucket.worker.js")],
      durableObjectNamespaces = [(className = "R2BucketObject", uniqueKey = "packages")],
      durableObjectStorage = (localDisk = "disk"),
      bindings = [(name = "MINIFLARE_BLOBS", service = "disk")],
    )),
    (name = "disk", disk = (writable = true)),
  ],
  sockets = [
    (name = "edge", http = (), service = "edge"),
    (name = "fill", http = (), service = "fill"),
  ],
  extensions = [(modules = [
    (name = "miniflare:shared", esModule = embed "index.worker.js"),
    (name = "miniflare:zod", esModule = embed "zod.worker.js"),
  ])],
);
