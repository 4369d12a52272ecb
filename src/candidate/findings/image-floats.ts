import { imageName, tagKind } from "./image.ts";
import { found, placeOf, type StaticRule } from "./rule.ts";

/** The next restart may run other code than the last, on a node that pulls it anew. A digest pins, whatever the tag, also one that is looked up at the deploy. */
export const imageFloats: StaticRule = {
  id: "static/image-floats",
  title: "Image tag that floats",
  cure: "Name a release's tag with its patch version, or a digest.",
  find(candidate) {
    return candidate.services.flatMap((service) => {
      const image = imageName(service.image);
      if (service.digestAtDeploy || tagKind(image) !== "floats") return [];
      return [
        found(
          imageFloats,
          placeOf("service", service),
          `${service.image} ${image.tag === undefined ? "has no tag, so it is `latest`" : `follows \`${image.tag}\``}: what runs changes without a change of the definition.`,
        ),
      ];
    });
  },
};
