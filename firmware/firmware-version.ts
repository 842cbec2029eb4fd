/** As package.json has it; a test compares the two. A board has no package.json beside it. */
export const FIRMWARE_VERSION = "0.1.0";
