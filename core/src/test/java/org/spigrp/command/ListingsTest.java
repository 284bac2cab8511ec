package org.spigrp.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.spigrp.command.Samples.directed;
import static org.spigrp.command.Samples.esp;
import static org.spigrp.command.Samples.group;
import static org.spigrp.command.Samples.legacy;
import static org.spigrp.command.Samples.sa;
import static org.spigrp.command.Samples.sentBy;
import static org.spigrp.command.Samples.to;
import static org.spigrp.command.Samples.tun;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.spigrp.sa.Direction;
import org.spigrp.sa.Eroute;
import org.spigrp.sa.ErouteUse;
import org.spigrp.sa.Lifetimes;
import org.spigrp.sa.Lifetimes.Limit;
import org.spigrp.sa.NatTraversal;
import org.spigrp.sa.SaProtocol;
import org.spigrp.sa.SaUse;
import org.spigrp.sa.Said;
import org.spigrp.sa.SecurityAssociation;
import org.spigrp.sa.Selector;
import org.spigrp.sa.Selector.PortRange;
import org.spigrp.sa.Shunt;
import org.spigrp.sa.Transform;
import org.spigrp.wire.Family;
import org.spigrp.wire.IpAddress;
import org.spigrp.wire.Prefix;
import org.spigrp.wire.Verdict;

/** The made-up lines of the specification, but for the IV, and what is new. */
final class ListingsTest {
    private static final Prefix OURS = Prefix.host(Samples.OURS);
    private static final Prefix PEER = Prefix.host(Samples.PEER);

    private final MemoryTables tables = new MemoryTables();
    private final Office office = new Office(tables);

    private static List<String> lines(Consumer<Consumer<String>> listing) {
        var lines = new ArrayList<String>();
        listing.accept(lines::add);
        return lines;
    }

    private List<String> spi() {
        return lines(line -> Listings.spi(tables, office.now, line));
    }

    private static SecurityAssociation inbound(SecurityAssociation sa) {
        return directed(Direction.IN, sentBy(Samples.PEER, to(Samples.OURS, sa)));
    }

    private SecurityAssociation numbered(int ref, int refhim, long age, SecurityAssociation sa) {
        return new SecurityAssociation(
                sa.said(),
                sa.source(),
                sa.direction(),
                sa.transform(),
                sa.windowBits(),
                sa.esn(),
                sa.lifetimes(),
                office.now.getEpochSecond() - age,
                sa.legacy(),
                ref,
                refhim,
                0);
    }

    private SaUse use(
            long seq, long bit, long gap, long bytes, long packets, long first, long last, Map<Verdict, Long> in) {
        long now = office.now.getEpochSecond();
        return new SaUse(
                0,
                seq,
                new long[] {bit},
                gap,
                bytes,
                packets,
                now - first,
                now - last,
                0,
                0,
                false,
                Map.of(),
                new EnumMap<>(in));
    }

    // spi

    @Test
    void an_esp_sa_that_receives() {
        var plain = (Transform.Esp) esp(0x5a0c41e2, Samples.DES3_MD5).transform();
        Transform natted = new Transform.Esp(
                plain.suite(),
                plain.encryptionKey(),
                plain.authenticationKey(),
                new NatTraversal(NatTraversal.Kind.NONESP, 4500, 4500));
        var limits =
                new Lifetimes(Limit.NONE, new Limit(800_000, 1_000_000), Limit.NONE, new Limit(0, 3600), Limit.NONE);
        var esp = Samples.numbered(
                false, 32, 0, Samples.with(limits, inbound(sa(Samples.said(SaProtocol.ESP, 0x5a0c41e2), natted))));
        tables.putSa(numbered(6, 5, 95, esp), List.of());
        tables.putUse(
                esp.said(),
                use(
                        811,
                        0xfffffff7L,
                        1,
                        70_112,
                        811,
                        90,
                        2,
                        Map.of(
                                Verdict.REPLAYED,
                                1L,
                                Verdict.TOO_OLD,
                                1L,
                                Verdict.BAD_ICV,
                                1L,
                                Verdict.BAD_PADDING,
                                3L)));
        assertThat(spi())
                .containsExactly("esp0x5a0c41e2@192.0.2.4 ESP_3DES_HMAC_MD5: dir=in  src=192.0.2.9 iv_bits=64bits"
                        + " ooowin=32 ooo_errs=2 seq=811 bit=0xfffffff7 max_seq_diff=1 alen=128 aklen=128 auth_errs=1"
                        + " eklen=192 encr_pad_errs=3"
                        + " life(c,s,h)=bytes(70112,800000,1000000)addtime(95,0,0)usetime(90,0,3600)packets(811,0,0)"
                        + " idle=2 natencap=nonesp natsport=4500 natdport=4500 refcount=3 ref=6 refhim=5");
    }

    @Test
    void a_tunnel_with_an_inbound_policy() {
        SecurityAssociation tunnel = numbered(7, 0, 95, Samples.numbered(false, 0, 0, inbound(tun(0x5a0c41e1))));
        tables.putSa(tunnel, List.of());
        tables.putUse(tunnel.said(), use(0, 0, 0, 58_240, 811, 90, 2, Map.of(Verdict.PEELED, 811L)));
        tables.putInboundPolicy(tunnel.said(), List.of(Samples.IN));
        String line = "tun0x5a0c41e1@192.0.2.4 IPIP: dir=in  src=192.0.2.9"
                + " policy=203.0.113.0/26->198.51.100.0/25 flags=0x8<>"
                + " life(c,s,h)=bytes(58240,0,0)addtime(95,0,0)usetime(90,0,0)packets(811,0,0) idle=2"
                + " natencap=none natsport=0 natdport=0 refcount=3 ref=7 refhim=0";
        assertThat(spi()).containsExactly(line);
        var web = new Selector(Samples.THEIR_NET, Samples.OUR_NET, 6, new PortRange(1024, 65_535), PortRange.of(443));
        tables.putInboundPolicy(tunnel.said(), List.of(Samples.IN, web));
        assertThat(spi())
                .singleElement()
                .asString()
                .contains(" policy=203.0.113.0/26->198.51.100.0/25"
                        + " policy=203.0.113.0/26:1024-65535->198.51.100.0/25:443,proto=6 flags=");
    }

    @Test
    void compression_that_sends() {
        SecurityAssociation comp = numbered(3, 0, 31, Samples.numbered(false, 0, 0, Samples.comp(0x2f10)));
        tables.putSa(comp, List.of());
        long now = office.now.getEpochSecond();
        tables.putUse(
                comp.said(),
                new SaUse(
                        0, 0, new long[0], 0, 12_044, 14, now - 20, now - 1, 12_044, 7310, false, Map.of(), Map.of()));
        assertThat(spi())
                .containsExactly("comp0x2f10@192.0.2.9 COMP_DEFLATE: dir=out src=192.0.2.4"
                        + " life(c,s,h)=bytes(12044,0,0)addtime(31,0,0)usetime(20,0,0)packets(14,0,0) idle=1"
                        + " ratio=12044:7310 natencap=none natsport=0 natdport=0 refcount=3 ref=3 refhim=0");
    }

    @Test
    void ah_over_ipv6_unused() {
        SecurityAssociation ah =
                numbered(4, 0, 4, Samples.numbered(false, 0, 0, to(Samples.PEER6, Samples.ah(0x2f03))));
        tables.putSa(ah, List.of());
        assertThat(spi())
                .containsExactly("ah0x2f03@2001:db8::9 AH_HMAC_SHA1: dir=out src=2001:db8::4 alen=160 aklen=160"
                        + " life(c,s,h)=addtime(4,0,0) natencap=none natsport=0 natdport=0 refcount=3 ref=4 refhim=0");
    }

    @Test
    void transform_names_of_modern_algorithms() {
        office.has(
                esp(0x100, Samples.GCM),
                esp(0x101, Samples.CTR),
                esp(0x102, Samples.NULL_SHA256),
                Samples.ah(0x103, Samples.GMAC));
        assertThat(spi())
                .extracting(line -> line.substring(line.indexOf(' ') + 1, line.indexOf(':', line.indexOf(' '))))
                .containsExactly("ESP_AES_GCM", "ESP_AES_CTR_HMAC_SHA2_256", "ESP_NULL_HMAC_SHA2_256", "AH_AES_GMAC");
        assertThat(spi().getFirst())
                .contains(" iv_bits=64bits ", " alen=128 eklen=128 ")
                .doesNotContain("aklen");
        assertThat(spi().get(1)).contains(" alen=256 aklen=256 eklen=128 ");
        assertThat(spi().get(2)).doesNotContain("iv_bits").doesNotContain("eklen");
    }

    @Test
    void marks_say_what_is_out_of_the_ordinary() {
        office.has(
                Samples.numbered(true, 64, 0, esp(0x100, Samples.GCM)),
                legacy(esp(0x101, Samples.DES3_ALONE)),
                esp(0x102));
        assertThat(spi().get(0)).endsWith(" refhim=0 marks=esn,counter-mode");
        assertThat(spi().get(1)).endsWith(" refhim=0 marks=no-integrity,legacy").doesNotContain("alen");
        assertThat(spi().get(2)).endsWith(" refhim=0");
    }

    @Test
    void sources_that_are_any_and_limits_without_counts() {
        office.has(Samples.with(
                new Lifetimes(new Limit(1, 2), new Limit(0, 9), Limit.NONE, new Limit(0, 5), new Limit(3, 4)),
                sentBy(IpAddress.any(Family.INET), esp(0x100))));
        assertThat(spi().getFirst())
                .doesNotContain("src=")
                .doesNotContain("idle")
                .contains(" life(c,s,h)=alloc(1,1,2)bytes(0,0,9)addtime(0,0,0)usetime(0,0,5)packets(0,3,4) natencap");
    }

    @Test
    void extended_numbers_are_listed_unsigned_and_the_senders_own() {
        office.has(Samples.numbered(true, 64, 0, esp(0x100)));
        tables.putUse(esp(0x100).said(), new SaUse(-2, 7, new long[0], 0, 1, 1, 0, 0, 0, 0, false, Map.of(), Map.of()));
        assertThat(spi().getFirst()).contains(" seq=18446744073709551614 ");
    }

    // spigrp

    @Test
    void one_line_per_group_inner_to_outer_where_its_first_made_member_stands() {
        office.has(esp(0x2f02), esp(0x100), tun(0x2f01), Samples.comp(0x2f10), esp(0x101));
        office.quietly(group(tun(0x2f01), Samples.comp(0x2f10), esp(0x2f02)));
        assertThat(lines(line -> Listings.spigrp(tables, line)))
                .containsExactly(
                        "tun0x2f01@192.0.2.9 comp0x2f10@192.0.2.9 esp0x2f02@192.0.2.9 ",
                        "esp0x100@192.0.2.9 ",
                        "esp0x101@192.0.2.9 ");
    }

    @Test
    void the_old_way_is_one_line_per_sa_and_inward_for_what_receives() {
        office.has(tun(0x2f01), esp(0x2f02), inbound(tun(0x77a0)), inbound(esp(0x77a1)));
        office.quietly(group(tun(0x2f01), esp(0x2f02)), group(inbound(tun(0x77a0)), inbound(esp(0x77a1))));
        assertThat(lines(line -> Listings.spigrpPerSa(tables, line)))
                .containsExactly(
                        "tun0x2f01@192.0.2.9 esp0x2f02@192.0.2.9 ",
                        "esp0x2f02@192.0.2.9 ",
                        "tun0x77a0@192.0.2.4 ",
                        "esp0x77a1@192.0.2.4 tun0x77a0@192.0.2.4 ");
    }

    @Test
    void an_empty_table_lists_nothing() {
        assertThat(spi()).isEmpty();
        assertThat(lines(line -> Listings.spigrp(tables, line))).isEmpty();
        assertThat(lines(line -> Listings.eroute(tables, line))).isEmpty();
        assertThat(lines(line -> Listings.spigrpJson(tables, line))).containsExactly("[]");
    }

    // eroute

    @Test
    void eroutes_stand_in_columns() {
        eroute(1450, Samples.OUT, new Said(SaProtocol.TUN, 0x2f01, Samples.PEER));
        eroute(
                9,
                new Selector(OURS, PEER, 6, PortRange.ANY, PortRange.of(25)),
                new Said(SaProtocol.ESP, 0x2f31, Samples.PEER));
        eroute(
                0,
                new Selector(
                        new Prefix(Samples.v4(10, 9, 0, 0), 16),
                        Prefix.host(Samples.v4(10, 8, 1, 1)),
                        17,
                        PortRange.of(1812),
                        PortRange.ANY),
                Shunt.HOLD.said());
        eroute(77, Samples.OUT6, new Said(SaProtocol.TUN, 0x3e01, Samples.PEER6));
        assertThat(lines(line -> Listings.eroute(tables, line)))
                .containsExactly(
                        "1450       198.51.100.0/25    -> 203.0.113.0/26     => tun0x2f01@192.0.2.9",
                        "9          192.0.2.4/32       -> 192.0.2.9/32:25    => esp0x2f31@192.0.2.9:6",
                        "0          10.9.0.0/16:1812   -> 10.8.1.1/32        => %hold:17",
                        "77         2001:db8:a::/48    -> 2001:db8:b::/48    => tun0x3e01@2001:db8::9");
    }

    private void eroute(long count, Selector selector, Said said) {
        tables.putEroute(new Eroute(selector, said));
        tables.putErouteUse(selector, new ErouteUse(count, 5));
    }

    @Test
    void eroutes_with_ranges_types_and_ipv6_ports() {
        eroute(1, new Selector(OURS, PEER, 17, new PortRange(80, 90), PortRange.of(0)), Shunt.PASS.said());
        eroute(2, new Selector(OURS, PEER, 1, PortRange.of(8), PortRange.of(0)), Shunt.PASS.said());
        eroute(
                3,
                new Selector(
                        Samples.OUT6.source(), Samples.OUT6.destination(), 6, PortRange.of(25), new PortRange(1, 2)),
                Shunt.PASS.said());
        assertThat(lines(line -> Listings.eroute(tables, line)))
                .containsExactly(
                        "1          192.0.2.4/32:80-90 -> 192.0.2.9/32:0     => %pass:17",
                        "2          192.0.2.4/32:8     -> 192.0.2.9/32:0     => %pass:1",
                        "3          [2001:db8:a::/48]:25 -> [2001:db8:b::/48]:1-2 => %pass:6");
        assertThat(lines(line -> Listings.erouteJson(tables, line)))
                .containsExactly(
                        "[{\"count\":1,\"last_used\":\"1970-01-01T00:00:05Z\",\"source\":\"192.0.2.4/32\","
                                + "\"destination\":\"192.0.2.9/32\",\"protocol\":17,\"source_port\":[80,90],"
                                + "\"destination_port\":0,\"said\":\"%pass\"},",
                        "{\"count\":2,\"last_used\":\"1970-01-01T00:00:05Z\",\"source\":\"192.0.2.4/32\","
                                + "\"destination\":\"192.0.2.9/32\",\"protocol\":1,\"icmp_type\":8,\"icmp_code\":0,"
                                + "\"said\":\"%pass\"},",
                        "{\"count\":3,\"last_used\":\"1970-01-01T00:00:05Z\",\"source\":\"2001:db8:a::/48\","
                                + "\"destination\":\"2001:db8:b::/48\",\"protocol\":6,\"source_port\":25,"
                                + "\"destination_port\":[1,2],\"said\":\"%pass\"}]");
    }

    // tncfg and klipsdebug

    @Test
    void interfaces_with_what_they_stand_on() {
        office.quietly(new Change.Attach("ipsec0", "eth1", 1500), new Change.CreateInterface("ipsec63"));
        assertThat(lines(line -> Listings.tncfg(tables, line)))
                .containsExactly(
                        "ipsec0 -> eth1 mtu=16260(1500) -> 1500",
                        "ipsec1 -> NULL mtu=0(0) -> 0",
                        "ipsec63 -> NULL mtu=0(0) -> 0");
        assertThat(lines(line -> Listings.tncfgJson(tables, line)))
                .startsWith(
                        "[{\"virtual\":\"ipsec0\",\"physical\":\"eth1\",\"mtu\":16260,\"effective_mtu\":1500,\"physical_mtu\":1500},",
                        "{\"virtual\":\"ipsec1\",\"physical\":null,\"mtu\":0,\"effective_mtu\":0,\"physical_mtu\":0},");
    }

    @Test
    void nine_debug_masks() {
        office.quietly(new Change.SetDebug(Set.of(DebugFlag.TNCFG, DebugFlag.XMIT, DebugFlag.ESP, DebugFlag.VERBOSE)));
        assertThat(lines(line -> Listings.klipsdebug(tables, line)))
                .containsExactly(
                        "debug_tunnel=00000110.",
                        "debug_xform=00000000.",
                        "debug_eroute=00000000.",
                        "debug_spi=00000000.",
                        "debug_radij=00000000.",
                        "debug_esp=ffffffff.",
                        "debug_ah=00000000.",
                        "debug_rcv=00000000.",
                        "debug_pfkey=00000000.");
        assertThat(lines(line -> Listings.klipsdebugJson(tables, line)))
                .containsExactly("{\"flags\":[\"tncfg\",\"xmit\",\"esp\",\"verbose\"]}");
        office.quietly(new Change.SetDebug(DebugFlag.allButVerbose()), new Change.ClearDebug(Set.of(DebugFlag.XMIT)));
        assertThat(lines(line -> Listings.klipsdebug(tables, line)).getFirst()).isEqualTo("debug_tunnel=ffffffef.");
    }

    // JSON

    @Test
    void json_has_the_words_of_the_text_and_the_verdicts_and_no_key() {
        office.has(tun(0x113), esp(0x115, Samples.GCM));
        office.quietly(
                new Change.MakeGroup(group(tun(0x113), esp(0x115)).innerToOuter(), "to-gw2"),
                Office.addin(Samples.IN, tun(0x113).said()));
        tables.putUse(esp(0x115).said(), use(5, 1, 0, 10, 2, 3, 1, Map.of(Verdict.BAD_ICV, 4L)));
        List<String> json = lines(line -> Listings.spiJson(tables, office.now, line));
        assertThat(json).hasSize(2);
        assertThat(json.get(0))
                .isEqualTo("[{\"said\":\"tun0x113@192.0.2.9\",\"transform\":\"IPIP\",\"algorithm\":\"ipip\","
                        + "\"dir\":\"out\",\"direction\":\"auto\",\"src\":\"192.0.2.4\","
                        + "\"group\":\"tun0x113@192.0.2.9\",\"policy\":[{\"source\":\"203.0.113.0/26\","
                        + "\"destination\":\"198.51.100.0/25\"}],"
                        + "\"life\":{\"addtime\":{\"current\":0,\"soft\":0,\"hard\":0}},"
                        + "\"ref\":1,\"refhim\":0,\"marks\":[],\"out\":{},\"in\":{}},");
        assertThat(json.get(1))
                .startsWith("{\"said\":\"esp0x115@192.0.2.9\",\"transform\":\"ESP_AES_GCM\","
                        + "\"algorithm\":\"aes128gcm16\"")
                .contains("\"seq\":5,", "\"auth_errs\":4,", "\"natencap\":\"none\"", "\"idle\":1,")
                .endsWith("\"marks\":[\"counter-mode\"],\"out\":{},\"in\":{\"BAD_ICV\":4}}]");
        String key = Office.fingerprints(esp(0x115, Samples.GCM)).getFirst();
        assertThat(json.get(1)).doesNotContain(key);
        assertThat(lines(line -> Listings.spigrpJson(tables, line)))
                .containsExactly("[{\"members\":[\"tun0x113@192.0.2.9\",\"esp0x115@192.0.2.9\"],\"name\":\"to-gw2\"}]");
    }

    // look

    @Test
    void look_shows_eroutes_with_their_groups_then_interfaces_then_sas_then_what_is_wrong() {
        office.has(tun(0x2f01), esp(0x2f02), esp(0x100));
        office.quietly(
                group(tun(0x2f01), esp(0x2f02)),
                Office.eroute(Samples.OUT, tun(0x2f01).said()),
                Office.eroute(
                        new Selector(OURS, PEER, 6, PortRange.ANY, PortRange.of(25)),
                        esp(0x100).said()),
                Office.eroute(Selector.between(OURS, PEER), Shunt.DROP.said()),
                new Change.Attach("ipsec0", "eth1", 1500));
        office.done(Office.eroute(Selector.between(OURS, Samples.THEIR_NET), Samples.said(SaProtocol.TUN, 0x9999)));
        tables.putErouteUse(Samples.OUT, new ErouteUse(12, 1));
        tables.putUse(
                esp(0x2f02).said(),
                new SaUse(
                        12,
                        0,
                        new long[0],
                        0,
                        1,
                        12,
                        0,
                        0,
                        0,
                        0,
                        false,
                        Map.of(Verdict.PROTECTED, 12L),
                        Map.of(Verdict.BAD_ICV, 3L)));
        List<String> look = lines(line -> Look.text(tables, office.now, line));
        assertThat(look.subList(0, 5))
                .containsExactly(
                        "192.0.2.4/32       -> 192.0.2.9/32       => %drop (0)",
                        "192.0.2.4/32       -> 192.0.2.9/32:25    => esp0x100@192.0.2.9  (0) proto=6",
                        "192.0.2.4/32       -> 203.0.113.0/26     => tun0x9999@192.0.2.9 (0)",
                        "198.51.100.0/25    -> 203.0.113.0/26     => tun0x2f01@192.0.2.9 esp0x2f02@192.0.2.9  (12)",
                        "ipsec0->eth1 mtu=16260(1500)->1500");
        List<String> sas = look.subList(5, 8);
        assertThat(sas).isSorted().containsExactlyInAnyOrderElementsOf(spi());
        assertThat(look.subList(8, look.size()))
                .containsExactly(
                        "eroute without SA: 192.0.2.4/32 -> 203.0.113.0/26 drops what it selects, for"
                                + " tun0x9999@192.0.2.9 does not exist",
                        "esp0x2f02@192.0.2.9 out PROTECTED=12: " + Verdict.PROTECTED.text(),
                        "esp0x2f02@192.0.2.9 in BAD_ICV=3: " + Verdict.BAD_ICV.text());
    }

    @Test
    void look_as_json_is_one_object() {
        office.has(tun(0x2f01));
        office.done(Office.eroute(Samples.OUT, Samples.said(SaProtocol.TUN, 0x9999)));
        String json = String.join("", lines(line -> Look.json(tables, office.now, line)));
        assertThat(json)
                .startsWith("{\"eroutes\":[{\"count\":0,\"source\":\"198.51.100.0/25\"")
                .contains("],\"eroutes_without_sa\":[{\"count\":0,", "],\"interfaces\":[{\"virtual\":\"ipsec0\"")
                .contains("],\"groups\":[{\"members\":[\"tun0x2f01@192.0.2.9\"]}],\"sas\":[{\"said\":\"tun0x2f01")
                .endsWith("}],\"gone\":[]}");
    }
}
