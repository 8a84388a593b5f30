/**
 * Functions as WebAssembly within this process: modules that WASI preview 1 describes, and
 * JavaScript by an interpreter that is such a module.
 *
 * <p>The one package that knows the engine. Depends on the guests' calls and on the runtimes' seam.
 */
package dev.cloister.sandbox.runtime.wasm;
