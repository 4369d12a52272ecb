import { imageName, tagKind } from "./image.ts";
import { found, placeOf, type StaticRule } from "./rule.ts";

/** A lesser matter than a floating tag, and a rule of its own so that it can be accepted by itself: patch releases of one line take the tag over. */
export const imageLine: StaticRule = {
  id: "static/image-line",
  title: "Image tag that names a line of versions",
  cure: "Name the patch version too, or a digest; or accept this rule in the baseline.",
  find(candidate) {
    return candidate.services.flatMap((service) => {
      const image = imageName(service.image);
      if (service.digestAtDeploy || tagKind(image) !== "line") return [];
      return [
        found(
          imageLine,
          placeOf("service", service),
          `${service.image} names a line of versions: every patch release of it takes the tag \`${image.tag}\` over.`,
        ),
      ];
    });
  },
};
