// Judges the vectors in Deno, or in any other runtime that can import JSON.

import mediaCdn from "./media-cdn.json" with { type: "json" };
import profile from "./profile.json" with { type: "json" };
import strict from "./strict.json" with { type: "json" };

import { differences } from "./vectors.js";

console.log(JSON.stringify(await differences([mediaCdn, profile, strict])));
