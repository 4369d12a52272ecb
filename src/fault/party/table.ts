/** Removes a table of nftables if it is there; fails only when it is there still. */
export function dropTable(family: "inet" | "ip", mark: string): string[] {
  return ["sh", "-c", 'nft delete table "$0" "$1" 2>/dev/null; ! nft list table "$0" "$1" >/dev/null 2>&1', family, mark];
}
