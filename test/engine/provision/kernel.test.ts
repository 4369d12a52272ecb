import { expect, it } from "vitest";
import { kernelFindings, presence } from "../../../src/engine/provision/kernel.ts";

const none = { config: "", builtin: "", loadable: "", loaded: "" };

it("reads each of the kernel's files", () => {
  expect(presence({ ...none, config: "CONFIG_VXLAN=y\n" }, "VXLAN", "vxlan")).toBe("built in");
  expect(presence({ ...none, config: "CONFIG_VXLAN=m\n" }, "VXLAN", "vxlan")).toBe("module");
  expect(presence({ ...none, builtin: "kernel/drivers/net/vxlan/vxlan.ko\n" }, "VXLAN", "vxlan")).toBe("built in");
  expect(
    presence(
      { ...none, loadable: "kernel/net/bridge/br_netfilter.ko.zst: kernel/net/bridge/bridge.ko.zst\n" },
      "X",
      "br_netfilter",
    ),
  ).toBe("module");
  expect(presence({ ...none, loaded: "ip_vs 196608 0 - Live 0x0\n" }, "IP_VS", "ip_vs")).toBe("module");
});

it("a module that is configured but not installed is absent, and what no file speaks of is unknown", () => {
  expect(presence({ ...none, config: "CONFIG_VXLAN=m\n", loadable: "kernel/other.ko:\n" }, "VXLAN", "vxlan")).toBe("absent");
  expect(presence({ ...none, config: "# CONFIG_VXLAN is not set\n" }, "VXLAN", "vxlan")).toBe("absent");
  expect(presence({ ...none, config: "CONFIG_VXLAN_GPE=y\n" }, "VXLAN", "vxlan")).toBe("absent");
  expect(presence(none, "VXLAN", "vxlan")).toBe("unknown");
});

it("only what has no other way is an error, and it has a cure", () => {
  const bare = kernelFindings({ ...none, config: "CONFIG_NET=y\n" });
  const errors = bare.filter((finding) => finding.severity === "error");
  expect(errors.map((finding) => finding.id)).toContain("kernel-vxlan");
  expect(errors.every((finding) => finding.cure)).toBe(true);
  expect(bare.find((finding) => finding.id === "kernel-ipvs")).toMatchObject({
    severity: "info",
    what: expect.stringContaining("dnsrr"),
  });
  expect(kernelFindings(none).every((finding) => finding.severity === "info")).toBe(true);
});
