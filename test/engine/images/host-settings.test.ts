import { describe, expect, it } from "vitest";
import { debianArchives, parseAptSources } from "../../../src/engine/images/host-settings.ts";

const list = `# comment
deb [arch=amd64 signed-by=/usr/share/k.gpg] https://mirror.example/debian bookworm main contrib # trailing
deb-src https://mirror.example/debian bookworm main
deb https://tools.example/apt tools-bookworm main
`;
const sources = `Types: deb
# snapshot
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main

Types: deb
URIs: http://mirror.example/debian-security
Suites: bookworm-security
Components: main

Enabled: no
Types: deb
URIs: http://off.example/debian
Suites: trixie
Components: main

Types: deb
URIs: https://node.example/20.x
Suites: nodistro
Components: main
`;

describe("the host's Debian archives", () => {
  it("are found in one-line sources", () => {
    expect(debianArchives(parseAptSources(list, "list"), "bookworm")).toEqual({ main: "https://mirror.example/debian" });
  });

  it("are found in deb822 sources, with the security archive and without what is disabled or not Debian", () => {
    const parsed = parseAptSources(sources, "sources");
    expect(debianArchives(parsed, "bookworm")).toEqual({
      main: "http://mirror.example/debian",
      security: "http://mirror.example/debian-security",
    });
    expect(debianArchives(parsed, "trixie")).toBeUndefined();
  });
});
