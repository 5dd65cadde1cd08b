// Files as a static server has them.

import { readdirSync } from 'node:fs';

/** Every file below a folder, with slashes. */
export function filesOf(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => `${entry.parentPath ?? entry.path}/${entry.name}`.slice(folder.length + 1));
}
