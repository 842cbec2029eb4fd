/** The machines that a release is built for, under the names that Debian, npm and Node give them. */

export type Architecture = "arm64" | "amd64";

export const ARCHITECTURES: readonly Architecture[] = ["arm64", "amd64"];

/** As Node says it (`process.arch`), and with it the names of npm's prebuilt packages. */
export const NODE_ARCH: Readonly<Record<Architecture, "arm64" | "x64">> = { arm64: "arm64", amd64: "x64" };
