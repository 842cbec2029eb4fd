/** The toolbox of the image build, with the emulator in it. */
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const IMAGE_FOLDER = resolve(fileURLToPath(new URL("..", import.meta.url)));
export const TOOLBOX = `${IMAGE_FOLDER}/toolbox.sh`;
export const PROJECT_FOLDER = resolve(IMAGE_FOLDER, "../..");
