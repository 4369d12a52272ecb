import type { Candidate } from "../types.ts";
import { agreed } from "./agreed.ts";

/** The services that consume from a queue of their own, and the name under which configurations hold it (facts sheet, section 8). */
const queueKeys = {
  core: "core_queue",
  "discord-bot": "bot_queue",
  matchmaking: "matchmaking_queue",
  submission: "submission_queue",
  notification: "notification_queue",
  "image-generation": "image_generation_queue",
  analytics: "analytics_queue",
  "replay-parse": "celery-queue",
} as const;
export type QueueRole = keyof typeof queueKeys;

/** The queue that others ask a role's service on; undefined when no configuration names it. */
export function queueOf(candidate: Candidate, role: QueueRole): string | undefined {
  return agreed(candidate, `transport.${queueKeys[role]}`);
}

/** The exchange that all events go over. */
export function eventExchange(candidate: Candidate): string | undefined {
  return agreed(candidate, "transport.events_queue");
}

/** What every key of the platform in Redis begins with. */
export function redisPrefix(candidate: Candidate): string | undefined {
  return agreed(candidate, "redis.prefix");
}

/** The bucket of replays. */
export function replayBucket(candidate: Candidate): string | undefined {
  return agreed(candidate, "minio.bucketNames.replays");
}
