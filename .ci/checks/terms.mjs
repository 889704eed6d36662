// Finds banned terms (terms.txt) in documents, the page, and the strings of code that people read.
import { readFileSync } from "node:fs";
import { execFileSync } from "node:child_process";

const here = new URL(".", import.meta.url).pathname;
const rules = readFileSync(here + "terms.txt", "utf8")
  .split("\n")
  .filter((line) => line && !line.startsWith("#"))
  .map((line) => line.split(" => "))
  .map(([pattern, term]) => ({ pattern: new RegExp(pattern, "gi"), term }));

const files = execFileSync("git", ["ls-files", ...process.argv.slice(2)], { encoding: "utf8" })
  .split("\n")
  .filter(Boolean);
let found = 0;
for (const file of files) {
  readFileSync(file, "utf8")
    .split("\n")
    .forEach((line, at) => {
      // Of Java only what is printed: string literals, and the lines of text blocks.
      const text = !file.endsWith(".java")
        ? line
        : /^\s*(\*|\/\/|\/\*)/.test(line)
          ? ""
          : (line.match(/"(?:[^"\\]|\\.)*"/g) ?? (/[;{}()]/.test(line) ? [] : [line])).join(" ");
      for (const { pattern, term } of rules) {
        for (const hit of text.matchAll(pattern)) {
          console.error(`${file}:${at + 1}: "${hit[0]}": write "${term}"`);
          found++;
        }
      }
    });
}
console.log(`terms: ${files.length} files, ${found} to change`);
process.exit(found ? 1 : 0);
