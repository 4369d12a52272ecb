import { z } from "zod";
import { type Sample, sampleErrorKinds } from "./sample.ts";

/** The exact shape of a raw sample; sample.ts says what each field means. A discriminated union over `probe`. */
const text = z.string();
const ns = z.number();
const count = z.int().nonnegative();
const encoding = z.literal("base64").exactOptional();
const errorKind = z.enum(sampleErrorKinds);

const errorSchema = z.strictObject({ kind: errorKind, message: text, code: text.exactOptional() });

const phasesSchema = z.strictObject({
  dns: ns.exactOptional(),
  connect: ns.exactOptional(),
  tls: ns.exactOptional(),
  write: ns.exactOptional(),
  firstByte: ns.exactOptional(),
  body: ns.exactOptional(),
});

const resolvedSchema = z.strictObject({
  server: text,
  name: text,
  rcode: text.exactOptional(),
  answers: z.array(text),
  failed: z.array(z.strictObject({ peer: text, kind: errorKind, message: text })).exactOptional(),
});

const certificateSchema = z.strictObject({
  subject: text,
  issuer: text,
  sans: z.array(text),
  notBefore: text,
  notAfter: text,
  sha256: text,
});

const tlsSchema = z.strictObject({
  version: text.exactOptional(),
  cipher: text.exactOptional(),
  serverName: text,
  sni: text.exactOptional(),
  alpn: text.exactOptional(),
  chain: z.array(certificateSchema).exactOptional(),
  verifyError: text.exactOptional(),
});

const webSocketSchema = z.strictObject({
  key: text,
  accept: text.exactOptional(),
  protocol: text.exactOptional(),
  messages: z.array(text),
  closeCode: z.int().exactOptional(),
  closeReason: text.exactOptional(),
});

const httpSchema = z.strictObject({
  status: z.int(),
  proto: text.exactOptional(),
  headers: z.record(text, z.array(text)).exactOptional(),
  bodyText: text.exactOptional(),
  bodyEncoding: encoding,
  truncated: z.boolean().exactOptional(),
  bytes: count,
  sha256: text.exactOptional(),
  webSocket: webSocketSchema.exactOptional(),
});

const tcpSchema = z.strictObject({ text, encoding, bytes: count, closed: z.boolean() });

const dnsSchema = z.strictObject({
  server: text,
  transport: z.enum(["udp", "tcp"]),
  rcode: text,
  authoritative: z.boolean(),
  truncated: z.boolean(),
  answers: z.array(z.strictObject({ name: text, type: text, ttl: z.number(), data: text })),
});

type Reply = string | number | null | { error: string } | { base64: string } | Reply[];
const replySchema: z.ZodType<Reply> = z.lazy(() =>
  z.union([text, z.number(), z.null(), z.strictObject({ error: text }), z.strictObject({ base64: text }), z.array(replySchema)]),
);
const redisSchema = z.strictObject({ replies: z.array(replySchema) });

const pgFailure = {
  sqlstate: text.exactOptional(),
  severity: text.exactOptional(),
  message: text,
  detail: text.exactOptional(),
  hint: text.exactOptional(),
};
const postgresSchema = z.strictObject({
  results: z.array(
    z.strictObject({
      command: text.exactOptional(),
      columns: z.array(text).exactOptional(),
      rows: z.array(z.array(text.nullable())).exactOptional(),
      error: z.strictObject(pgFailure).exactOptional(),
      took: ns,
    }),
  ),
});
const postgresFillSchema = z.strictObject({
  opened: count,
  refused: z.strictObject({ ...pgFailure, kind: errorKind, took: ns }).exactOptional(),
});

const amqpBodySchema = z.strictObject({
  body: text,
  encoding,
  redelivered: z.boolean().exactOptional(),
  exchange: text.exactOptional(),
  routingKey: text.exactOptional(),
  persistent: z.boolean().exactOptional(),
  at: ns,
});
const amqpResultSchema = z.strictObject({
  do: text,
  took: ns,
  queue: text.exactOptional(),
  messages: count.exactOptional(),
  consumers: count.exactOptional(),
  published: z
    .array(z.strictObject({ acked: ns.exactOptional(), nacked: z.boolean().exactOptional(), returned: text.exactOptional() }))
    .exactOptional(),
  bodies: z.array(amqpBodySchema).exactOptional(),
  // Decoded JSON: nothing else can be in it.
  reply: z.unknown().exactOptional(),
  purged: count.exactOptional(),
  get inner() {
    return z.array(amqpResultSchema).exactOptional();
  },
  error: errorSchema.exactOptional(),
});
const amqpSchema = z.strictObject({ results: z.array(amqpResultSchema) });

const s3Schema = z.strictObject({
  results: z.array(
    z.strictObject({
      do: text,
      took: ns,
      status: z.int().exactOptional(),
      code: text.exactOptional(),
      message: text.exactOptional(),
      etag: text.exactOptional(),
      buckets: z.array(text).exactOptional(),
      keys: z.array(text).exactOptional(),
      body: text.exactOptional(),
      bodyEncoding: encoding,
      bytes: count,
      sha256: text.exactOptional(),
      error: errorSchema.exactOptional(),
    }),
  ),
});

const common = {
  due: ns,
  sent: ns,
  done: ns,
  phases: phasesSchema,
  source: text.exactOptional(),
  peer: text.exactOptional(),
  reused: z.boolean().exactOptional(),
  resolved: resolvedSchema.exactOptional(),
  tls: tlsSchema.exactOptional(),
  error: errorSchema.exactOptional(),
};

export const sampleSchema = z.discriminatedUnion("probe", [
  z.strictObject({ probe: z.literal("http"), ...common, response: httpSchema.exactOptional() }),
  z.strictObject({ probe: z.literal("tcp"), ...common, response: tcpSchema.exactOptional() }),
  z.strictObject({ probe: z.literal("tls"), ...common }),
  z.strictObject({ probe: z.literal("dns"), ...common, response: dnsSchema.exactOptional() }),
  z.strictObject({ probe: z.literal("redis"), ...common, response: redisSchema.exactOptional() }),
  z.strictObject({ probe: z.literal("postgres"), ...common, response: postgresSchema.exactOptional() }),
  z.strictObject({ probe: z.literal("postgres-fill"), ...common, response: postgresFillSchema.exactOptional() }),
  z.strictObject({ probe: z.literal("amqp"), ...common, response: amqpSchema.exactOptional() }),
  z.strictObject({ probe: z.literal("s3"), ...common, response: s3Schema.exactOptional() }),
]);

/** Fails to compile when schema and type drift apart. */
type Fits<A, B> = [A] extends [B] ? true : never;
const fits: Fits<z.infer<typeof sampleSchema>, Sample> = true;
const fitsBack: Fits<Sample, z.infer<typeof sampleSchema>> = true;
void [fits, fitsBack];
