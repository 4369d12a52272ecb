import { describe, expect, it } from "vitest";
import { service, stack } from "./a-stack.ts";

describe("a service is what docker stack deploy makes of it", () => {
  it("entrypoint is Swarm's command and command its arguments, strings split as a shell does", async () => {
    const { service: it } = await service(`entrypoint: sh -c 'echo "a b"'\ncommand: ["x", "y z"]`);
    expect(it).toMatchObject({ command: ["sh", "-c", 'echo "a b"'], args: ["x", "y z"] });
  });

  it("environment as a list or a mapping, a number as text; a credential without value is generated, another is left out and said", async () => {
    const list = await service('environment: ["A=b=c", "E=", "API_TOKEN", "DEBUG"]');
    expect(list.service.env).toEqual({ A: "b=c", E: "", API_TOKEN: "${secret:API_TOKEN}" });
    expect(list.differences).toMatchObject([{ subject: "service:it", kind: "setting", asked: expect.stringContaining("DEBUG") }]);
    const mapping = await service("environment: {A: 1, B: true, __proto__: x}");
    expect(Object.entries(mapping.service.env)).toEqual([
      ["A", "1"],
      ["B", "true"],
      ["__proto__", "x"],
    ]);
  });

  it("deploy: mode, replicas, labels, placement, restart policy, resources, endpoint mode", async () => {
    const { service: it, differences } = await service(`deploy:
  mode: replicated
  replicas: 3
  labels: ["traefik.enable=true", "a.b=c=d"]
  endpoint_mode: dnsrr
  placement: {constraints: [node.labels.role==storage], max_replicas_per_node: 2, preferences: [{spread: node.id}]}
  restart_policy: {condition: on-failure, delay: 5s, max_attempts: 3}
  resources: {limits: {cpus: "0.25", memory: 256M, pids: 9}, reservations: {memory: 1g}}
  update_config: {parallelism: 0}`);
    expect(it).toMatchObject({
      replicas: 3,
      global: false,
      labels: { "traefik.enable": "true", "a.b": "c=d" },
      endpointMode: "dnsrr",
      placement: { constraints: ["node.labels.role==storage"], maxReplicas: 2 },
      restart: { condition: "on-failure", delayNs: 5e9 },
      limits: { nanoCpus: 250_000_000, memoryBytes: 268_435_456 },
      reservations: { memoryBytes: 2 ** 30 },
    });
    expect(differences.map(({ asked }) => asked.split(":")[0]).sort()).toEqual([
      "deploy.placement.preferences",
      "deploy.resources.limits.pids",
      "deploy.restart_policy.max_attempts",
      "deploy.update_config",
    ]);
  });

  it("a global service, and Compose's restart where there is no policy", async () => {
    expect((await service("deploy: {mode: global}")).service.global).toBe(true);
    expect((await service("restart: unless-stopped")).service.restart).toEqual({ condition: "any" });
    expect((await service("restart: 'no'")).service).not.toHaveProperty("restart");
    expect((await service("{}".replace("{}", "user: root"))).service).not.toHaveProperty("restart");
  });

  it("healthchecks: a string is a shell's, disable is NONE, times are nanoseconds", async () => {
    const { service: it } = await service(
      "healthcheck: {test: curl -f localhost, interval: 1m30s, timeout: 500ms, retries: 3, start_period: 0s}",
    );
    expect(it.healthcheck).toEqual({
      test: ["CMD-SHELL", "curl -f localhost"],
      intervalNs: 90e9,
      timeoutNs: 5e8,
      retries: 3,
      startPeriodNs: 0,
    });
    expect((await service("healthcheck: {disable: true}")).service.healthcheck?.test).toEqual(["NONE"]);
  });

  it("ports: short is ingress, ranges are written out, an address is ignored and said", async () => {
    const { service: it, differences } = await service(`ports:
  - "127.0.0.1:80:8080"
  - 53:53/udp
  - "9000-9001:9000-9001"
  - 3000
  - {target: 443, published: "443", mode: host}`);
    expect(it.ports).toEqual([
      { published: 80, target: 8080, protocol: "tcp", mode: "ingress" },
      { published: 53, target: 53, protocol: "udp", mode: "ingress" },
      { published: 9000, target: 9000, protocol: "tcp", mode: "ingress" },
      { published: 9001, target: 9001, protocol: "tcp", mode: "ingress" },
      { published: 0, target: 3000, protocol: "tcp", mode: "ingress" },
      { published: 443, target: 443, protocol: "tcp", mode: "host" },
    ]);
    expect(differences.map(({ asked }) => asked)).toEqual(["ports.8080.host_ip: 127.0.0.1"]);
  });

  it("volumes: named, bound, tmpfs, anonymous; a path of the deployer's folder is one of the node", async () => {
    const { service: it, differences } = await service(
      `volumes:
  - data:/data
  - /srv/x:/x:ro
  - ./conf:/conf
  - /anonymous
  - {type: tmpfs, target: /tmp}
tmpfs: /run`,
      "volumes: {data: {name: real-data, driver_opts: {type: none, o: bind, device: /mnt/x}}}",
    );
    expect(it.mounts).toEqual([
      { type: "volume", source: "real-data", target: "/data", readOnly: false },
      { type: "bind", source: "/srv/x", target: "/x", readOnly: true },
      { type: "bind", source: "/checkout/conf", target: "/conf", readOnly: false },
      { type: "volume", source: "", target: "/anonymous", readOnly: false },
      { type: "tmpfs", source: "", target: "/tmp", readOnly: false },
      { type: "tmpfs", source: "", target: "/run", readOnly: false },
    ]);
    expect(differences).toMatchObject([
      { subject: "service:it", kind: "host-resource", asked: expect.stringContaining("./conf") },
    ]);
  });

  it("configs and secrets: default targets, octal modes as Docker reads them", async () => {
    const { service: it } = await service(
      `configs: [site, {source: site, target: /etc/a.conf, mode: 0440}]
secrets: [token, {source: token, target: other, mode: "0400"}]`,
      "configs: {site: {content: x, name: site-v2}}\nsecrets: {token: {file: ./never-there}}",
    );
    expect(it.configs).toEqual([
      { source: "site-v2", target: "/site" },
      { source: "site-v2", target: "/etc/a.conf", mode: 0o440 },
    ]);
    expect(it.secrets).toEqual([
      { source: "token", target: "/run/secrets/token" },
      { source: "token", target: "/run/secrets/other", mode: 0o400 },
    ]);
  });

  it("user, hostname, folder, hosts, grace period, log driver", async () => {
    const { service: it } = await service(`user: "0"
hostname: "{{.Node.Hostname}}"
working_dir: /app
extra_hosts: ["db:10.0.0.1", "six=::1"]
stop_grace_period: 1m
logging: {driver: json-file, options: {max-size: 5m, max-file: 5}}`);
    expect(it).toMatchObject({
      user: "0",
      hostname: "{{.Node.Hostname}}",
      workdir: "/app",
      hosts: ["10.0.0.1 db", "::1 six"],
      stopGraceNs: 60e9,
      logDriver: { name: "json-file", options: { "max-size": "5m", "max-file": "5" } },
    });
  });

  it("what Swarm ignores is said, with why; what is one's own is not", async () => {
    const { differences } = await service(
      "build: .\ndepends_on: [it]\ncontainer_name: one\nprivileged: true\nlabels: {a: b}\nx-own: {a: b}\ncap_add: [NET_ADMIN]",
    );
    expect(differences.map(({ asked }) => asked)).toEqual([
      "build: .",
      "depends_on",
      "container_name: one",
      "privileged: true",
      "labels",
      "cap_add",
    ]);
    expect(differences.every(({ kind, subject, why }) => kind === "setting" && subject === "service:it" && why.length > 10)).toBe(
      true,
    );
    expect(differences.find(({ asked }) => asked === "labels")?.why).toContain("deploy.labels");
  });

  it("knows where it stands", async () => {
    expect((await service("user: root")).service).toMatchObject({ stack: "1.yaml", place: "1.yaml: services.it" });
  });
});

describe("networks, volumes, configs and secrets", () => {
  it("networks: aliases, options, and the default one where a service names none", async () => {
    const { definition } = await stack(`services:
  a: {image: a}
  b:
    image: b
    networks: {inside: {aliases: [bee]}}
networks:
  inside: {name: in, internal: true, attachable: true, driver_opts: {encrypted: ""}, ipam: {config: [{subnet: 10.1.0.0/24}]}}`);
    expect(definition.services.map(({ networks, aliases }) => ({ networks, aliases }))).toEqual([
      { networks: ["default"], aliases: undefined },
      { networks: ["in"], aliases: { in: ["bee"] } },
    ]);
    expect(definition.networks).toMatchObject([
      { name: "in", driver: "overlay", internal: true, attachable: true, encrypted: true, subnet: "10.1.0.0/24" },
      { name: "default", driver: "overlay" },
    ]);
  });

  it("external networks and volumes are made by the replica and said; another file may make them", async () => {
    const one = `services: {a: {image: a, networks: [net], volumes: ["data:/d"]}}
networks: {net: {external: true, name: shared}}
volumes: {data: {external: true}}`;
    const alone = await stack(one);
    expect(alone.definition.networks).toMatchObject([{ name: "shared" }]);
    expect(alone.differences.map(({ subject }) => subject)).toEqual(["network:shared", "volume:data"]);
    const both = await stack([one, "services: {b: {image: b}}\nnetworks: {default: {name: shared}}"]);
    expect(both.definition.networks).toMatchObject([{ name: "shared" }]);
    expect(both.differences.map(({ subject }) => subject)).toEqual(["volume:data"]);
  });

  it("an external network with another stack's name before it is that stack's, where its file is given as well", async () => {
    const { definition, differences } = await stack([
      "services: {a: {image: a, networks: [front]}}\nnetworks: {front: {}}",
      "services: {b: {image: b, networks: [up]}}\nnetworks: {up: {external: true, name: layer1_front}}",
    ]);
    expect(definition.services.map(({ networks }) => networks)).toEqual([["front"], ["front"]]);
    expect({ differences, networks: definition.networks.map(({ name }) => name) }).toEqual({
      differences: [],
      networks: ["front"],
    });
    const called = await stack("services: {a: {image: a, networks: [ingress]}}\nnetworks: {ingress: {}}");
    expect(called.definition.networks).toMatchObject([{ name: "stack_ingress" }]);
  });

  it("external configs and secrets are names that nothing creates; files of secrets are never opened", async () => {
    const { definition } = await stack(`services:
  a: {image: a, configs: [elsewhere], secrets: [theirs, ours]}
configs: {elsewhere: {external: true}}
secrets: {theirs: {external: true}, ours: {file: ./no-such-file}}`);
    expect(definition.configs).toEqual([]);
    expect(definition.secrets).toMatchObject([{ name: "ours", shape: { length: 32 } }]);
    expect(definition.services[0]).toMatchObject({
      configs: [{ source: "elsewhere" }],
      secrets: [{ source: "theirs" }, { source: "ours" }],
    });
  });

  it("configs come from files beside the stack, as they are, and from the stack itself, with variables", async () => {
    const { definition } = await stack(
      `services: {a: {image: a, configs: [one, two, three]}}
configs: {one: {file: conf/one.txt}, two: {content: "$$5 for \${NAME:-you}"}, three: {environment: API_KEY}}`,
      { "conf/one.txt": "costs $5 and ${NAME}\n" },
    );
    expect(definition.configs.map(({ content }) => content)).toEqual([
      "costs $5 and ${NAME}\n",
      "$5 for you",
      "${secret:API_KEY}",
    ]);
    expect(definition.secrets.map(({ name }) => name)).toEqual(["API_KEY"]);
  });
});

describe("variables", () => {
  it("have their defaults, and credentials are generated wherever they stand", async () => {
    const { definition } = await stack(`services:
  a:
    image: nginx:\${TAG:-1.27}\${SUFFIX-}
    environment:
      URL: redis://:\${REDIS_PASSWORD}@redis:\${PORT:-\${OTHER_PORT:-6379}}
      PASSWORD: \${P}
      ONE: \${SET:+not}
      PRICE: $$5
    command: ["--requirepass", "$REDIS_PASSWORD"]`);
    expect(definition.services[0]).toMatchObject({
      image: "nginx:1.27",
      env: { URL: "redis://:${secret:REDIS_PASSWORD}@redis:6379", PASSWORD: "${secret:P}", ONE: "", PRICE: "$5" },
      args: ["--requirepass", "${secret:REDIS_PASSWORD}"],
    });
    expect(definition.secrets.map(({ name }) => name)).toEqual(["REDIS_PASSWORD", "P"]);
  });

  it("have the values that a file gives them, with every form of the specification", async () => {
    const { definition } = await stack([
      `services:
  a:
    image: "\${IMAGE}:\${TAG:?which}"
    environment: ["A=\${EMPTY:-d}", "B=\${EMPTY-d}", "C=\${TAG:+yes \${TAG}}", "D=\${EMPTY:+yes}", "E=\${EMPTY+yes}", "DB_PASSWORD=\${DB_PASSWORD}"]`,
      "x-sprocket-resilience: {variables: {IMAGE: nginx, TAG: 1.27, EMPTY: ''}}",
    ]);
    expect(definition.services[0]).toMatchObject({
      image: "nginx:1.27",
      env: { A: "d", B: "", C: "yes 1.27", D: "", E: "yes", DB_PASSWORD: "${secret:DB_PASSWORD}" },
    });
  });

  it("are not missed where nothing is read, nor where a later file replaces what asks for them", async () => {
    const { definition } = await stack([
      "services: {a: {image: 'a:${TAG}', build: '${DIRECTORY}'}}\nx-own: '${OWN}'",
      "services: {a: {image: 'a:1'}}",
    ]);
    expect(definition.services[0]?.image).toBe("a:1");
    await expect(stack("services: {a: {image: a, ports: ['${PORT}:80']}}")).rejects.toMatchObject({ code: "E_COMPOSE_VARIABLE" });
  });
});

describe("several files", () => {
  it("are laid one over the other as docker does", async () => {
    const { definition } = await stack([
      `services:
  a:
    image: a:1
    command: [one]
    environment: [X=1, Y=2]
    ports: ["80:80"]
    volumes: ["data:/data"]
    deploy: {labels: {l: "1"}, placement: {constraints: [node.role==manager]}}
volumes: {data: {}, other: {}}`,
      `services:
  a:
    image: a:2
    command: [two, three]
    environment: {Y: 3}
    ports: ["443:443"]
    volumes: ["other:/data"]
    deploy: {replicas: 2, placement: {constraints: [node.labels.x==y]}}
  b: {image: b}`,
    ]);
    expect(definition.origin).toEqual({ kind: "compose", files: ["1.yaml", "2.yaml"] });
    expect(definition.services.map(({ name, stack: from }) => [name, from])).toEqual([
      ["a", "1.yaml"],
      ["b", "2.yaml"],
    ]);
    expect(definition.services[0]).toMatchObject({
      image: "a:2",
      args: ["two", "three"],
      env: { X: "1", Y: "3" },
      ports: [{ published: 80 }, { published: 443 }],
      mounts: [{ source: "other" }],
      labels: { l: "1" },
      replicas: 2,
      placement: { constraints: ["node.role==manager", "node.labels.x==y"] },
    });
  });

  it("anchors, merge keys and fragments of one's own are written out", async () => {
    const { definition } = await stack(`x-common: &common
  image: a
  deploy: {replicas: 2}
services:
  one: {<<: *common, command: [x]}
  two: {<<: *common, image: b}`);
    expect(definition.services).toMatchObject([
      { name: "one", image: "a", replicas: 2, args: ["x"] },
      { name: "two", image: "b", replicas: 2 },
    ]);
  });
});
