using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "vectors", worker = (
      compatibilityDate = "COMPATIBILITY_DATE",
      modules = [
        (name = "vectors_workerd.js", esModule = embed "vectors_workerd.js"),
        (name = "vectors.js", esModule = embed "vectors.js"),
        (name = "bandari-edge.js", esModule = embed "bandari-edge.js"),
        (name = "media-cdn.json", json = embed "media-cdn.json"),
        (name = "profile.json", json = embed "profile.json"),
        (name = "strict.json", json = embed "strict.json"),
      ],
    )),
  ],
);
