/**
 * Whether a variable's name says that its value is a credential: PASSWORD, TOKEN, SECRET, KEY and the like as a word of the name. Names of places and kinds of credentials
 * (PASSWORD_FILE, KEY_PREFIX, SECRET_NAME, PUBLIC_KEY) are none.
 */
export function isCredential(name: string): boolean {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .toUpperCase()
    .split(/[^A-Z0-9]+/)
    .filter((word) => word !== "");
  const last = words.at(-1) ?? "";
  if (
    ["FILE", "PATH", "DIR", "NAME", "PREFIX", "LENGTH", "TTL", "EXPIRY", "URL", "HOST", "PORT", "USER", "USERNAME"].includes(last)
  )
    return false;
  if (words.includes("PUBLIC")) return false;
  return words.some((word) => credentialWords.has(word) || /(?:PASSWORD|PASSWD|SECRET|TOKEN|APIKEY)$/.test(word));
}

const credentialWords = new Set([
  "PASS",
  "PASSPHRASE",
  "PW",
  "PWD",
  "KEY",
  "CREDENTIAL",
  "CREDENTIALS",
  "AUTH",
  "HMAC",
  "SALT",
  "CONNSTRING",
  "DSN",
]);
