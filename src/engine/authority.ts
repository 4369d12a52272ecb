import { webcrypto } from "node:crypto";
import "reflect-metadata";
import * as x509 from "@peculiar/x509";

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const crypto = webcrypto;
x509.cryptoProvider.set("default", crypto as never);

/** A certificate with its private key, PEM. */
export interface Leaf {
  certificate: string;
  key: string;
}

/** The run's certificate authority: lives in the runner's memory, issues what the parties, the entry points and the node's daemon show. */
export class Authority {
  readonly certificate: string;
  readonly #keys: Pick<webcrypto.CryptoKeyPair, "privateKey" | "publicKey">;
  readonly #root: x509.X509Certificate;
  /** What clients need between what it issues and the root that they trust, PEM; empty where it is the root itself. */
  readonly #chain: string;

  private constructor(keys: Pick<webcrypto.CryptoKeyPair, "privateKey" | "publicKey">, root: x509.X509Certificate, chain = "") {
    this.#keys = keys;
    this.#root = root;
    this.#chain = chain;
    this.certificate = root.toString("pem");
  }

  /** A subordinate authority that was written down: what it issues carries its certificate, so whoever trusts the root takes it. */
  static async subordinate({ certificate, key }: Leaf): Promise<Authority> {
    const own = new x509.X509Certificate(certificate);
    const pkcs8 = Buffer.from(key.replaceAll(/-----[^-]+-----|\s/g, ""), "base64");
    const [privateKey, publicKey] = await Promise.all([
      crypto.subtle.importKey("pkcs8", pkcs8, algorithm, false, ["sign"]),
      own.publicKey.export(crypto as never),
    ]);
    return new Authority({ privateKey, publicKey: publicKey as webcrypto.CryptoKey }, own, own.toString("pem"));
  }

  static async create(name: string): Promise<Authority> {
    const keys = (await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"])) as webcrypto.CryptoKeyPair;
    const root = await x509.X509CertificateGenerator.createSelfSigned({
      serialNumber: "01",
      name: `CN=${name}`,
      notBefore: new Date(Date.now() - 3_600_000),
      notAfter: new Date(Date.now() + 3650 * 86_400_000),
      signingAlgorithm: algorithm,
      keys,
      extensions: [
        new x509.BasicConstraintsExtension(true, 1, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    });
    return new Authority(keys, root);
  }

  /** Issues a certificate for DNS names and IP addresses that ends in `days`, and begins an hour ago or in `beginsInDays`; the first name is the subject. */
  async issue(
    names: string[],
    options: { ips?: string[]; days?: number; beginsInDays?: number; client?: boolean } = {},
  ): Promise<Leaf> {
    const keys = (await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"])) as webcrypto.CryptoKeyPair;
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: Buffer.from(crypto.getRandomValues(new Uint8Array(12)))
        .toString("hex")
        .replace(/^[89a-f]/, "1"),
      subject: `CN=${names[0]}`,
      issuer: this.#root.subject,
      notBefore: new Date(Date.now() + (options.beginsInDays ?? 0) * 86_400_000 - 3_600_000),
      notAfter: new Date(Date.now() + (options.days ?? 90) * 86_400_000),
      signingAlgorithm: algorithm,
      publicKey: keys.publicKey,
      signingKey: this.#keys.privateKey,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment, true),
        new x509.ExtendedKeyUsageExtension([options.client ? "1.3.6.1.5.5.7.3.2" : "1.3.6.1.5.5.7.3.1"]),
        new x509.SubjectAlternativeNameExtension([
          ...names.map((value) => ({ type: "dns" as const, value })),
          ...(options.ips ?? []).map((value) => ({ type: "ip" as const, value })),
        ]),
        await x509.AuthorityKeyIdentifierExtension.create(this.#keys.publicKey),
      ],
    });
    return {
      certificate: [certificate.toString("pem"), this.#chain].filter(Boolean).join("\n"),
      key: await keyPem(keys.privateKey),
    };
  }

  /** An authority below this one, whose key may be written down where this one's dies with the runner. */
  async issueAuthority(name: string): Promise<Leaf> {
    const keys = (await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"])) as webcrypto.CryptoKeyPair;
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: "02",
      subject: `CN=${name}`,
      issuer: this.#root.subject,
      // What it issues may begin, and end, long ago.
      notBefore: new Date(Date.now() - 3650 * 86_400_000),
      notAfter: new Date(Date.now() + 3650 * 86_400_000),
      signingAlgorithm: algorithm,
      publicKey: keys.publicKey,
      signingKey: this.#keys.privateKey,
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
        await x509.AuthorityKeyIdentifierExtension.create(this.#keys.publicKey),
      ],
    });
    return { certificate: certificate.toString("pem"), key: await keyPem(keys.privateKey) };
  }
}

async function keyPem(key: webcrypto.CryptoKey): Promise<string> {
  const lines =
    Buffer.from(await crypto.subtle.exportKey("pkcs8", key))
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN PRIVATE KEY-----\n${lines.join("\n")}\n-----END PRIVATE KEY-----\n`;
}
