package org.spigrp.it;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/*
 * The arrows point down:
 *
 *     cli ------------------> store ----.
 *      | \                  ^            v
 *      |  `--------------. /  .------> core:  command --> sa --> wire
 *      |                  X  /          ^
 *     daemon --> linux --> engine ------'
 *
 * JPMS holds the arrows between modules already, and would let anybody draw a new one by adding a line to a
 * module-info. These rules also hold inside core, and for what core may take from the JDK.
 */
class ArrowsTest {
    /** Asking the time, sleeping, or drawing randomness by oneself: the caller hands these in. */
    private static final Set<String> UNREPEATABLE = Set.of(
            "java.lang.System.currentTimeMillis",
            "java.lang.System.nanoTime",
            "java.lang.System.getenv",
            "java.lang.System.getProperty",
            "java.lang.System.exit",
            "java.lang.Thread.sleep",
            "java.lang.Math.random",
            "java.time.Instant.now",
            "java.time.LocalDate.now",
            "java.time.LocalDateTime.now",
            "java.time.ZonedDateTime.now",
            "java.time.OffsetDateTime.now",
            "java.time.InstantSource.system",
            "java.time.Clock.systemUTC",
            "java.time.Clock.systemDefaultZone",
            "java.util.concurrent.ThreadLocalRandom.current",
            "java.util.UUID.randomUUID");

    private static JavaClasses product = new ClassFileImporter().importPackages();

    @BeforeAll
    static void read_the_product() {
        product = new ClassFileImporter()
                .withImportOption(location -> !location.contains("/test-classes/"))
                .importPackages("org.spigrp");
    }

    /** A rule about nothing holds: each package must be there before the rules say anything. */
    @ParameterizedTest
    @ValueSource(strings = {"wire", "sa", "command", "engine", "store", "linux", "daemon", "cli"})
    void every_package_has_classes(String name) {
        assertThat(product.stream().filter(type -> in(type, "org.spigrp." + name)))
                .as("classes of org.spigrp.%s that the rules look at", name)
                .isNotEmpty();
    }

    @Test
    void arrows_point_down() {
        layeredArchitecture()
                .consideringOnlyDependenciesInLayers()
                .layer("cli")
                .definedBy("org.spigrp.cli..")
                .layer("daemon")
                .definedBy("org.spigrp.daemon..")
                .layer("linux")
                .definedBy("org.spigrp.linux..")
                .layer("store")
                .definedBy("org.spigrp.store..")
                .layer("engine")
                .definedBy("org.spigrp.engine..")
                .layer("command")
                .definedBy("org.spigrp.command..")
                .layer("sa")
                .definedBy("org.spigrp.sa..")
                .layer("wire")
                .definedBy("org.spigrp.wire..")
                .whereLayer("cli")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("daemon")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("linux")
                .mayOnlyBeAccessedByLayers("daemon")
                .whereLayer("store")
                .mayOnlyBeAccessedByLayers("cli", "daemon")
                .whereLayer("engine")
                .mayOnlyBeAccessedByLayers("cli", "daemon", "linux")
                .whereLayer("command")
                .mayOnlyBeAccessedByLayers("cli", "store", "engine", "linux", "daemon")
                .whereLayer("sa")
                .mayOnlyBeAccessedByLayers("cli", "store", "engine", "linux", "daemon", "command")
                .check(product);
    }

    /** A package outside the drawing would escape every rule. */
    @Test
    void every_class_is_in_the_drawing() {
        classes()
                .should()
                .resideInAnyPackage(
                        "org.spigrp.wire..",
                        "org.spigrp.sa..",
                        "org.spigrp.command..",
                        "org.spigrp.engine..",
                        "org.spigrp.store..",
                        "org.spigrp.linux..",
                        "org.spigrp.daemon..",
                        "org.spigrp.cli..")
                .check(product);
    }

    @Test
    void core_does_no_io_and_starts_no_thread_and_logs_nothing() {
        core_stands_alone().check(product);
    }

    @Test
    void core_neither_reads_the_clock_nor_prints_nor_draws_randomness() {
        core_is_repeatable().check(product);
    }

    @Test
    void only_linux_calls_the_kernel() {
        noClasses()
                .that()
                .resideOutsideOfPackage("org.spigrp.linux..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.lang.foreign..", "sun..", "jdk.internal..")
                .orShould()
                .callMethod(System.class, "loadLibrary", String.class)
                .orShould()
                .callMethod(System.class, "load", String.class)
                .check(product);
    }

    @Test
    void only_cli_ends_the_process_and_prints() {
        noClasses()
                .that()
                .resideOutsideOfPackage("org.spigrp.cli..")
                .and()
                .doNotHaveFullyQualifiedName("org.spigrp.daemon.Training") // runs while the product is built, not in it
                .should()
                .callMethod(System.class, "exit", int.class)
                .orShould()
                .accessField(System.class, "out")
                .check(product);
    }

    /** The rules themselves can say no: a class that breaks them, put in core's place, is found. */
    @Test
    void rules_find_what_they_forbid() {
        JavaClasses sinner = new ClassFileImporter().importClasses(org.spigrp.wire.forbidden.Sinner.class);
        assertThat(sinner).hasSize(1);
        assertThatThrownBy(() -> core_stands_alone().check(sinner))
                .hasMessageContaining("java.nio.file")
                .hasMessageContaining("java.lang.Thread");
        assertThatThrownBy(() -> core_is_repeatable().check(sinner))
                .hasMessageContaining("nanoTime")
                .hasMessageContaining("java.lang.System.out");
    }

    private static ArchRule core_stands_alone() {
        return noClasses()
                .that()
                .resideInAnyPackage("org.spigrp.wire..", "org.spigrp.sa..", "org.spigrp.command..")
                .should()
                .dependOnClassesThat(new DescribedPredicate<JavaClass>("do I/O, run in threads, log or reflect") {
                    @Override
                    public boolean test(JavaClass type) {
                        return OUTSIDE.stream().anyMatch(name -> in(type, name))
                                || type.isAssignableTo(Thread.class)
                                || type.isAssignableTo(ProcessBuilder.class);
                    }
                });
    }

    private static ArchRule core_is_repeatable() {
        return noClasses()
                .that()
                .resideInAnyPackage("org.spigrp.wire..", "org.spigrp.sa..", "org.spigrp.command..")
                .should()
                .accessTargetWhere(
                        new DescribedPredicate<JavaAccess<?>>("that reads the clock, prints, or draws randomness") {
                            @Override
                            public boolean test(JavaAccess<?> access) {
                                String target = access.getTargetOwner().getName() + "."
                                        + access.getTarget().getName();
                                return UNREPEATABLE.contains(target)
                                        || target.equals("java.lang.System.out")
                                        || target.equals("java.lang.System.err")
                                        || target.equals("java.lang.Throwable.printStackTrace");
                            }
                        });
    }

    private static final List<String> OUTSIDE = List.of(
            "java.io",
            "java.net",
            "java.nio.file",
            "java.nio.channels",
            "java.util.concurrent",
            "java.util.logging",
            "java.lang.reflect",
            "java.lang.foreign");

    private static boolean in(JavaClass type, String name) {
        return type.getPackageName().equals(name) || type.getPackageName().startsWith(name + ".");
    }
}
