package org.spigrp.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What stays of a compressor, and what is no library. */
@SuppressWarnings("restricted")
class LibdeflateTest {
    /** Stands for a compressor where none is looked into. */
    private static final long COMPRESSOR = 0x1234_5678_9abcL;

    private final List<Long> freed = new ArrayList<>();

    @SuppressWarnings("UnusedMethod") // called as if it were the library's
    private long free(long compressor) {
        freed.add(compressor);
        return 0;
    }

    @SuppressWarnings("UnusedMethod") // like the other
    private static long allocate(long level) {
        return level == LibdeflateCompressor.LEVEL ? COMPRESSOR : 0;
    }

    private MemorySegment stub(Arena arena, String name) throws ReflectiveOperationException {
        var type = MethodType.methodType(long.class, long.class);
        var here = MethodHandles.lookup();
        var handle = name.equals("free")
                ? here.findVirtual(LibdeflateTest.class, name, type).bindTo(this)
                : here.findStatic(LibdeflateTest.class, name, type);
        return Linker.nativeLinker().upcallStub(handle, FunctionDescriptor.of(JAVA_LONG, JAVA_LONG), arena);
    }

    @Test
    void the_librarys_memory_is_given_back_once_and_not_used_again() throws Exception {
        try (Arena arena = Arena.ofConfined()) {
            var functions = new LibdeflateProvider.Functions(
                    stub(arena, "allocate"), MemorySegment.ofAddress(8), stub(arena, "free"));
            var compressor = new LibdeflateCompressor(functions);
            assertThat(freed).isEmpty();
            compressor.close();
            compressor.close();
            assertThat(freed).containsExactly(COMPRESSOR);
            assertThatThrownBy(() -> compressor.compress(new byte[100], 0, 100, new byte[100], 95))
                    .isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void more_than_the_window_is_refused_before_it_is_copied() {
        var provider = new LibdeflateProvider();
        assumeTrue(provider.whyNot().isEmpty(), provider::whyNot);
        try (var compressor = provider.open()) {
            assertThat(compressor).isNotNull();
            assertThatThrownBy(() -> compressor.compress(new byte[2049], 0, 2049, new byte[3000], 3000))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void a_library_without_the_functions_is_refused() {
        SymbolLookup empty = _ -> Optional.empty();
        assertThat(LibdeflateProvider.in(empty).functions()).isNull();
        assertThat(LibdeflateProvider.in(empty).whyNot()).contains("lacks functions");
    }
}
