// Judges the vectors in workerd: `workerd test vectors.capnp`.

import mediaCdn from "media-cdn.json";
import profile from "profile.json";
import strict from "strict.json";

import { differences } from "./vectors.js";

export default {
  async test() {
    console.log(JSON.stringify(await differences([mediaCdn, profile, strict])));
  },
};
