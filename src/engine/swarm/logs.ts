/** Splits the API's multiplexed log frames (8 bytes of head, then the payload) into lines. */
export function demux(output: Buffer): string[] {
  const parts: Buffer[] = [];
  let offset = 0;
  while (offset + 8 <= output.length) {
    const size = output.readUInt32BE(offset + 4);
    parts.push(output.subarray(offset + 8, offset + 8 + size));
    offset += 8 + size;
  }
  return Buffer.concat(parts)
    .toString("utf8")
    .split("\n")
    .map((line) => line.trimEnd())
    .filter(Boolean);
}
