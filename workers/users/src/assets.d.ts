/** A WebAssembly file, compiled when the worker is bundled. */
declare module "*.wasm" {
  const module: WebAssembly.Module;
  export default module;
}

/** A text file, part of the bundle as it is. */
declare module "*.txt" {
  const text: string;
  export default text;
}
