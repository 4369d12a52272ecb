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
  readonly #keys: webcrypto.CryptoKeyPair;
  readonly #root: x509.X509Certificate;

  private constructor(keys: webcrypto.CryptoKeyPair, root: x509.X509Certificate) {
    this.#keys = keys;
    this.#root = root;
    this.certificate = root.toString("pem");
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
    const pkcs8 = Buffer.from(await crypto.subtle.exportKey("pkcs8", keys.privateKey)).toString("base64");
    const lines = pkcs8.match(/.{1,64}/g) ?? [];
    return {
      certificate: certificate.toString("pem"),
      key: `-----BEGIN PRIVATE KEY-----\n${lines.join("\n")}\n-----END PRIVATE KEY-----\n`,
    };
  }
}
