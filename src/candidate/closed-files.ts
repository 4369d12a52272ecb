/** Files that hold secrets by custom, by their names: never opened, since no definition needs them to say what it deploys. */
export function isClosedFile(name: string): boolean {
  return closed.test(name);
}

const closed =
  /^(\.env(\..+)?|.*\.env|.*\.(pem|key|p12|pfx|kdbx)|id_(rsa|ed25519|ecdsa)|\.npmrc|\.netrc|stack(_cleaned)?\.json)$/i;
