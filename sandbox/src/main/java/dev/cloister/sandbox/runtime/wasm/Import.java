package dev.cloister.sandbox.runtime.wasm;

import com.dylibso.chicory.runtime.WasmFunctionHandle;
import com.dylibso.chicory.wasm.types.FunctionType;

/** A function that the host offers. */
record Import(FunctionType type, WasmFunctionHandle handle) {}
