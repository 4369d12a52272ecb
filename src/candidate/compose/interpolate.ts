/** Where variables have their values. */
export interface Variables {
  /** The value of one that is set. */
  value: (name: string) => string | undefined;
  /** What stands for one that is not set and has no default; `message` is the file's own. */
  unset: (name: string, message: string | undefined) => string;
}

/** A `$` that begins nothing which the Compose specification knows. */
export class BadInterpolation extends Error {}

const deepest = 20;

/**
 * Replaces variables as the Compose specification has it: `$A`, `${A}`, `${A:-b}` (b where A is unset or empty) and `${A-b}` (where it is unset), `${A:?why}` and `${A?why}`
 * (an error there), `${A:+b}` and `${A+b}` (b where it is not); `$$` is `$`. Defaults may hold variables.
 *
 * @throws BadInterpolation
 */
export function interpolate(text: string, variables: Variables, depth = 0): string {
  if (depth > deepest) throw new BadInterpolation("its variables nest too deep");
  let out = "";
  let at = 0;
  while (at < text.length) {
    const dollar = text.indexOf("$", at);
    if (dollar < 0) return out + text.slice(at);
    out += text.slice(at, dollar);
    const rest = text.slice(dollar + 1, dollar + 2);
    if (rest === "$") {
      out += "$";
      at = dollar + 2;
    } else if (rest === "{") {
      const end = closing(text, dollar + 2);
      out += braced(text.slice(dollar + 2, end), variables, depth);
      at = end + 1;
    } else {
      const name = /^[A-Za-z_]\w*/.exec(text.slice(dollar + 1, dollar + 257))?.[0];
      if (name === undefined) throw new BadInterpolation(`"$${rest}" is no variable`);
      out += variables.value(name) ?? variables.unset(name, undefined);
      at = dollar + 1 + name.length;
    }
  }
  return out;
}

function closing(text: string, from: number): number {
  let open = 1;
  for (let at = from; at < text.length; at += 1) {
    if (text.startsWith("${", at)) open += 1;
    else if (text[at] === "}") open -= 1;
    if (open === 0) return at;
  }
  throw new BadInterpolation("a ${ has no }");
}

function braced(inside: string, variables: Variables, depth: number): string {
  const match = /^([A-Za-z_]\w*)(?:(:?[-?+])([\s\S]*))?$/.exec(inside);
  if (!match) throw new BadInterpolation(`"\${${inside.slice(0, 40)}}" is no variable`);
  const [, name, operator, word = ""] = match as unknown as [string, string, string | undefined, string | undefined];
  const value = variables.value(name);
  const has = value !== undefined && !(value === "" && operator?.startsWith(":"));
  if (operator?.endsWith("+")) return has ? interpolate(word, variables, depth + 1) : "";
  if (has) return value;
  if (operator?.endsWith("-")) return interpolate(word, variables, depth + 1);
  return variables.unset(name, operator?.endsWith("?") ? word : undefined);
}
