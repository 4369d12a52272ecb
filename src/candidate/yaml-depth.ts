import { Lexer } from "yaml";

/**
 * Whether the collections of a YAML text nest deeper than `limit` on one line or in brackets. Composing a document is recursive and ends the process where it nests too
 * deep; the lexer is neither, so it is asked first. Nesting by indentation alone costs its square in bytes, so a bound on the size bounds it.
 */
export function nestsDeeper(text: string, limit: number): boolean {
  let brackets = 0;
  let onLine = 0;
  for (const token of new Lexer().lex(text)) {
    if (token === "[" || token === "{") brackets += 1;
    else if (token === "]" || token === "}") brackets -= 1;
    else if (token === "-" || token === "?" || token === ":") onLine += 1;
    else if (token === "\n" || token === "\r\n") onLine = 0;
    if (brackets > limit || onLine > limit) return true;
  }
  return false;
}
