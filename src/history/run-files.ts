/**
 * Folder inside a run's folder with what is needed to reach a kept replica: its secrets, so nobody but its owner may read it, it is no artifact, and it is
 * not searched for secrets. It goes with the replica.
 */
export const replicaFolder = "replica";
