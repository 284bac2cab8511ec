package org.spigrp.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.spigrp.wire.Family;
import org.spigrp.wire.IpAddress;

class NamesTest {
    private static final IpAddress GW4 = IpAddress.v4(0xc0000209);
    private static final IpAddress GW6 = IpAddress.v6(0x20010db8_00000000L, 9);

    @TempDir
    Path directory;

    private Names asking(List<IpAddress> answer, AtomicInteger asked) {
        return new Names(TestHost.environment(directory, new TestHost(directory) {
            @Override
            public List<IpAddress> addressesOf(String name) {
                asked.incrementAndGet();
                return answer;
            }
        }));
    }

    @Test
    void the_address_of_the_wanted_family_is_taken_and_the_system_asked_once() {
        var asked = new AtomicInteger();
        Names names = asking(List.of(GW6, GW4), asked);
        assertThat(names.resolve("gw2", Family.INET)).isEqualTo(GW4);
        assertThat(names.resolve("GW2", Family.INET6)).isEqualTo(GW6);
        assertThat(asked).hasValue(1);
    }

    @Test
    void a_name_without_an_address_of_the_family_has_none() {
        assertThat(asking(List.of(GW6), new AtomicInteger()).resolve("gw2", Family.INET))
                .isNull();
    }

    @Test
    void the_hosts_file_overrules_the_system() throws Exception {
        Files.writeString(directory.resolve("hosts"), """
                # ours
                192.0.2.9    gw2 gw2.example.net   # the peer
                2001:db8::9  gw2
                """);
        var asked = new AtomicInteger();
        var environment = TestHost.environment(directory, new TestHost(directory) {
                    @Override
                    public List<IpAddress> addressesOf(String name) {
                        asked.incrementAndGet();
                        return List.of();
                    }
                })
                .with("IPSEC_HOSTS", "hosts");
        var names = new Names(environment);
        assertThat(names.resolve("gw2.example.net", Family.INET)).isEqualTo(GW4);
        assertThat(names.resolve("Gw2", Family.INET6)).isEqualTo(GW6);
        assertThat(asked).hasValue(0);
        assertThat(names.resolve("gw3", Family.INET)).isNull();
        assertThat(asked).hasValue(1);
    }

    @Test
    void a_hosts_file_that_is_no_good_is_named_with_its_line() throws Exception {
        var environment = TestHost.environment(directory).with("IPSEC_HOSTS", "hosts");
        assertThatThrownBy(() -> new Names(environment).resolve("a", Family.INET))
                .hasMessageContaining("hosts")
                .hasMessageContaining("no such file");
        Files.writeString(directory.resolve("hosts"), "\n192.0.2.999 gw2\n");
        assertThatThrownBy(() -> new Names(environment).resolve("a", Family.INET))
                .hasMessageContaining("hosts:2:");
    }

    /** The system's resolver hangs for as long as the test likes; a command does not. */
    @Test
    void a_resolver_that_does_not_answer_is_not_waited_for() {
        var never = new CountDownLatch(1);
        var environment = TestHost.environment(directory, new TestHost(directory) {
            @Override
            public List<IpAddress> addressesOf(String name) {
                try {
                    never.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                return List.of(GW4);
            }
        });
        Ran ran = Ran.ipsec(environment, "spi", "--said", "esp0x100@gw2", "--del");
        never.countDown();
        assertThat(ran.err())
                .contains("'gw2'")
                .contains("no answer")
                .endsWith("\n")
                .hasLineCount(1);
        assertThat(ran.exit()).isEqualTo(1);
    }
}
