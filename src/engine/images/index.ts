export { decideImages, provideOwnImages } from "./own.ts";
export { planImage, provideImages } from "./provide.ts";
export type { ImageProgress, ProvidedImage } from "./types.ts";
