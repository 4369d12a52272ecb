import type Dockerode from "dockerode";

/** A way to give a node what a Docker daemon needs, best first; the first that the user's Docker starts is used. */
export interface NodeFlags {
  name: "privileged" | "capabilities";
  host: Dockerode.HostConfig;
}

/** Without CAP_SYS_RESOURCE, which some hosts cannot give; seccomp and masked paths would keep the inner daemon from mounting and from writing /proc/sys. */
const capabilities = [
  "SYS_ADMIN",
  "NET_ADMIN",
  "NET_RAW",
  "SYS_MODULE",
  "SYS_PTRACE",
  "SYS_CHROOT",
  "MKNOD",
  "DAC_READ_SEARCH",
  "SYSLOG",
  "IPC_LOCK",
  "SYS_NICE",
];

export const nodeFlags: readonly NodeFlags[] = [
  { name: "privileged", host: { Privileged: true } },
  {
    name: "capabilities",
    host: {
      CapAdd: capabilities,
      SecurityOpt: ["seccomp=unconfined", "apparmor=unconfined"],
      // The API's word for the command line's `systempaths=unconfined`.
      MaskedPaths: [],
      ReadonlyPaths: [],
    },
  },
];
