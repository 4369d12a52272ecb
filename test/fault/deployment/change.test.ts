import { describe, expect, it } from "vitest";
import { pathsOf } from "../../../src/fault/deployment/change.ts";
import { secondService } from "../../../src/fault/deployment/duplicate-router.ts";
import { labelOf } from "../../../src/fault/deployment/label-missing.ts";
import { elsewhere } from "../../../src/fault/deployment/wrong-host.ts";

describe("a patch of a spec", () => {
  it("changes what its leaves name; an array or an empty object is one", () => {
    const patch = { Labels: { "a.b": null, c: "1" }, TaskTemplate: { ContainerSpec: { Args: ["x"], Empty: {} } } };
    expect(pathsOf(patch)).toEqual([
      ["Labels", "a.b"],
      ["Labels", "c"],
      ["TaskTemplate", "ContainerSpec", "Args"],
      ["TaskTemplate", "ContainerSpec", "Empty"],
    ]);
    expect(pathsOf({})).toEqual([]);
  });
});

describe("a rule that names other hosts", () => {
  it("keeps all else", () => {
    expect(elsewhere("(Host(`a.example`, `b.example`) || Host(`c.example`)) && PathPrefix(`/x`)")).toBe(
      "(Host(`wrong.a.example`, `wrong.b.example`) || Host(`wrong.c.example`)) && PathPrefix(`/x`)",
    );
    expect(elsewhere("PathPrefix(`/x`)")).toBe("PathPrefix(`/x`)");
  });
});

describe("the label that is missing", () => {
  const labels = {
    "Traefik.Enable": "true",
    "traefik.http.routers.web.rule": "Host(`a`)",
    "traefik.http.routers.web2.rule": "Host(`b`)",
  };
  const router = { router: "web" } as Parameters<typeof labelOf>[0]["router"];

  it("is found as it is written, and not another router's", () => {
    expect(labelOf({ labels, router }, "enable")).toBe("Traefik.Enable");
    expect(labelOf({ labels, router }, "rule")).toBe("traefik.http.routers.web.rule");
    expect(labelOf({ labels, router }, "port")).toBeUndefined();
  });
});

describe("a second service", () => {
  const spec = {
    Name: "web",
    Labels: { "traefik.http.routers.web.rule": "Host(`a`)" },
    TaskTemplate: { ContainerSpec: { Image: "i", Mounts: [{ Target: "/data" }] } },
    EndpointSpec: { Mode: "dnsrr", Ports: [{ PublishedPort: 80 }] },
  };
  const router = { router: "web", rule: "Host(`a`)", tls: true, entryPoints: ["websecure"] };

  it("claims the router's name under a rule of its own, and has nothing that only one may have", () => {
    const second = secondService(spec, "sr-1", { claims: "name", router });
    expect(second.Labels).toMatchObject({ "traefik.http.routers.web.rule": "Host(`sr-1.invalid`)" });
    expect(second.EndpointSpec).toEqual({ Mode: "dnsrr" });
    expect(second.TaskTemplate).toEqual({ ContainerSpec: { Image: "i", Mounts: [] } });
    expect(spec.TaskTemplate.ContainerSpec.Mounts).toHaveLength(1);
  });

  it("claims the rule under a name of its own, and goes first", () => {
    const { Labels } = secondService(spec, "sr-1", { claims: "rule", router });
    expect(Labels).toMatchObject({
      "traefik.http.routers.sr-1.rule": "Host(`a`)",
      "traefik.http.routers.sr-1.priority": "1000",
      "traefik.http.services.sr-1.loadbalancer.server.port": "9",
    });
    expect(Labels).not.toHaveProperty("traefik.http.routers.web.rule");
  });
});
