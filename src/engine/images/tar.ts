/** A file or folder to be packed; `mode` defaults to 0644, or 0755 for folders and `#!` scripts. */
export interface TarFile {
  /** Relative, with slashes. */
  path: string;
  content: Uint8Array | string;
  mode?: number;
}

const block = 512;

function header(name: string, size: number, mode: number, type: "0" | "L"): Buffer {
  const out = Buffer.alloc(block);
  out.write(name, 0, 100, "utf8");
  out.write(`${mode.toString(8).padStart(7, "0")}\0`, 100);
  out.write("0000000\0", 108); // owner root: what is copied into an image belongs to no user of this machine
  out.write("0000000\0", 116);
  out.write(`${size.toString(8).padStart(11, "0")}\0`, 124);
  out.write("00000000000\0", 136); // no times: the same files are the same archive, and the engine's build cache hits
  out.write("        ", 148);
  out.write(type, 156);
  out.write("ustar\u000000", 257, "binary");
  let sum = 0;
  for (const byte of out) sum += byte;
  out.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return out;
}

function padded(content: Buffer): Buffer[] {
  const rest = content.length % block;
  return rest === 0 ? [content] : [content, Buffer.alloc(block - rest)];
}

/** Packs files into one tar archive, sorted by path, owned by root, without times: equal input gives equal bytes. */
export function packTar(files: TarFile[]): Buffer {
  const parts: Buffer[] = [];
  for (const file of [...files].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    const content = Buffer.from(file.content as Uint8Array);
    const mode = file.mode ?? (content.subarray(0, 2).toString() === "#!" ? 0o755 : 0o644);
    if (Buffer.byteLength(file.path) > 100) {
      const name = Buffer.from(`${file.path}\0`);
      parts.push(header("././@LongLink", name.length, 0o644, "L"), ...padded(name));
    }
    parts.push(header(file.path.slice(0, 100), content.length, mode, "0"), ...padded(content));
  }
  parts.push(Buffer.alloc(block * 2));
  return Buffer.concat(parts);
}
