export { catalogue, entryNamed, imageFor } from "./catalogue.ts";
export { type PlannedImage, type ProvideOptions, planImage, policyFromEnvironment, provideImages } from "./provide.ts";
export { removeAbandonedSteps } from "./step.ts";
export { type ListedImage, listImages, loadImages, saveImages } from "./store.ts";
export type {
  ImageEntry,
  ImageKind,
  ImageOrigin,
  ImagePhase,
  ImagePolicy,
  ImageProgress,
  ImagePromise,
  ImageRecipe,
  ImageSource,
  ImageSubstitution,
  ProvidedImage,
} from "./types.ts";
