/** Runs the given test files in this process, one uvu queue, and ends with uvu's own totals. */
import { run } from "uvu/run";

await run(process.argv.slice(2).map((file) => ({ name: file.replace(`${process.cwd()}/`, ""), file })));
