# The worker in front of a server that has the files.

using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "edge", worker = (
      compatibilityDate = "COMPATIBILITY_DATE",
      modules = [(name = "bandari-edge.js", esModule = embed "bandari-edge.js")],
      bindings = [
        (name = "ORIGIN", fromEnvironment = "ORIGIN"),
        (name = "ORIGIN_AUTHORIZATION", fromEnvironment = "ORIGIN_AUTHORIZATION"),
      ],
    )),
    (name = "internet", network = (allow = ["private"])),
  ],
  sockets = [(name = "edge", http = (), service = "edge")],
);
