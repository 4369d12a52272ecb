import { found, list, placeOf, type StaticRule } from "./rule.ts";

/** A definition gives no node a label: whoever sets up a node must know of it, or the task stays pending for ever. `!=` is met by a node without the label. */
export const placementLabel: StaticRule = {
  id: "static/placement-label",
  title: "Placement label that no node has",
  cure: "Label the node (`docker node update --label-add`) in a step that every set-up runs, or take the constraint away.",
  find(candidate) {
    return candidate.services.flatMap((service) => {
      const asked = service.placement.constraints.filter((one) => /^\s*(?:node|engine)\.labels\.[^=!\s]+\s*==/.test(one));
      if (asked.length === 0) return [];
      const those = list(asked.map((one) => `\`${one.trim()}\``));
      return [
        found(
          placementLabel,
          placeOf("service", service),
          `${service.name} runs only where ${those}, a label that nothing in the definition gives a node.`,
        ),
      ];
    });
  },
};
