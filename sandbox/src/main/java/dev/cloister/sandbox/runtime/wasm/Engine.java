package dev.cloister.sandbox.runtime.wasm;

import com.dylibso.chicory.compiler.InterpreterFallback;
import com.dylibso.chicory.compiler.internal.ClassCollector;
import com.dylibso.chicory.compiler.internal.ClassLoadingCollector;
import com.dylibso.chicory.compiler.internal.Compiler;
import com.dylibso.chicory.compiler.internal.MachineFactory;
import com.dylibso.chicory.runtime.ByteArrayMemory;
import com.dylibso.chicory.runtime.ChicoryInterruptedException;
import com.dylibso.chicory.runtime.ImportValues;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.runtime.TableInstance;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import com.dylibso.chicory.wasm.types.Table;
import com.dylibso.chicory.wasm.types.TableLimits;
import java.util.function.Function;

/**
 * A module that was checked and compiled to bytecode of the JVM, from which instances are made.
 * Immutable; instances share code and nothing else.
 *
 * <p>Compiling heeds an interruption between groups of functions; a function too large for a method
 * of the JVM is interpreted, some 100 times slower.
 *
 * @param module what was read
 * @param machines makes what runs an instance
 * @param weightBytes what the code takes of the host's heap, as it is reckoned
 */
record Engine(WasmModule module, Function<Instance, Machine> machines, long weightBytes) {
  /** How much of the host's heap a byte of a module is reckoned to take, read and compiled. */
  static final int WEIGHT = 64;

  /** The most entries of a module's tables together. */
  static final int TABLE_ENTRIES = 1 << 16;

  /** What a module's entry is called. */
  static final String ENTRY = "_start";

  /** What its memory is called. */
  static final String MEMORY = "memory";

  /** How many functions are compiled between two looks at whether to go on. */
  private static final int FUNCTIONS_A_CLASS = 16;

  /**
   * Reads, checks and compiles a module.
   *
   * @throws ModuleRejected when it is malformed, too large, or uses what there is not
   * @throws ChicoryInterruptedException when the thread is interrupted
   */
  static Engine load(byte[] bytes) throws ModuleRejected {
    var outlined = ModuleOutline.checked(bytes);
    try {
      var module = Parser.parse(outlined);
      Features.check(module);
      return new Engine(module, compile(module), (long) WEIGHT * bytes.length);
    } catch (ChicoryInterruptedException e) {
      throw e;
    } catch (RuntimeException | VerifyError | ClassFormatError e) {
      throw new ModuleRejected("not a module that can be run: " + e.getMessage());
    }
  }

  private static Function<Instance, Machine> compile(WasmModule module) {
    var result =
        Compiler.builder(module)
            .withInterpreterFallback(InterpreterFallback.SILENT)
            .withMaxFunctionsPerClass(FUNCTIONS_A_CLASS)
            .withClassCollectorFactory(Collector::new)
            .build()
            .compile();
    return new MachineFactory(
        module, ((ClassLoadingCollector) result.collector()).machineFactory());
  }

  /**
   * Looks, each time a class is done, and each time the compiler begins again, whether to go on.
   */
  private static final class Collector extends ClassLoadingCollector {
    Collector() {
      look();
    }

    @Override
    public void put(String className, byte[] bytes) {
      look();
      super.put(className, bytes);
    }

    @Override
    public void putAll(ClassCollector collector) {
      look();
      super.putAll(collector);
    }

    private static void look() {
      if (Thread.currentThread().isInterrupted()) {
        throw new ChicoryInterruptedException("interrupted");
      }
    }
  }

  /**
   * Makes an instance; none of its code has run.
   *
   * @param pages the most of its memory
   */
  Instance instance(ImportValues imports, int pages) {
    var declared = module.memorySection().orElseThrow().getMemory(0).limits();
    var most = Math.min(pages, declared.maximumPages());
    return Instance.builder(module)
        .withImportValues(imports)
        .withMachineFactory(machines)
        .withMemoryFactory(ByteArrayMemory::new)
        .withMemoryLimits(new MemoryLimits(declared.initialPages(), most))
        .withTableFactory(Engine::table)
        .withInitialize(false)
        .withStart(false)
        .build();
  }

  /** A table of its own limits for each instance, whatever the module says of how it may grow. */
  private static TableInstance table(Table declared, int initialValue) {
    var least = declared.limits().min();
    var most = Math.min(declared.limits().max(), Math.max(least, TABLE_ENTRIES));
    return new TableInstance(
        new Table(declared.elementType(), new TableLimits(least, most)), initialValue);
  }

  /** Returns how many pages a new instance has. */
  int initialPages() {
    return module.memorySection().orElseThrow().getMemory(0).limits().initialPages();
  }
}
