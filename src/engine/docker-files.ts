import type Dockerode from "dockerode";
import { pack } from "tar-stream";

/** A file to put into a container before or while it runs. */
export interface ContainerFile {
  path: string;
  content: string | Buffer;
  mode?: number;
}

/** Writes files into a container by the API's archive call; folders on the way are made. */
export async function putFiles(container: Dockerode.Container, files: ContainerFile[]): Promise<void> {
  const archive = pack();
  for (const file of files) archive.entry({ name: file.path.replace(/^\//, ""), mode: file.mode ?? 0o644 }, file.content);
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive) chunks.push(chunk as Buffer);
  await container.putArchive(Buffer.concat(chunks), { path: "/" });
}
