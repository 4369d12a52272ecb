/** Name of a node's data disk among its mounts. */
export const dataDiskName = "sprocket-data-disk";

/** A disk of a node's own, of a size that can be filled: in the node's memory, so nothing of it outlives the node. */
export interface DataDisk {
  /** Where the node mounts it; `volumes` is the folder in which its daemon keeps volumes. */
  at: string;
  bytes: number;
}

/** What the node's start is told. */
export function dataDiskEnvironment(disk: DataDisk | undefined): string[] {
  return disk ? [`DATA_DISK_AT=${disk.at}`, `DATA_DISK_BYTES=${disk.bytes}`, `DATA_DISK_NAME=${dataDiskName}`] : [];
}
