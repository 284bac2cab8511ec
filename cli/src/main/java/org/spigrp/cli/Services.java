package org.spigrp.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.spigrp.sa.Selector.PortRange;
import org.spigrp.wire.NearestName;
import org.spigrp.wire.Quote;

/**
 * Names of protocols and ports. The usual ones are known here, so that scripts mean the same on every machine; the
 * files {@code protocols} and {@code services} under /etc add theirs where they exist.
 */
final class Services {
    private static final int MAX_PORT = 65_535;

    private static final String PROTOCOLS = """
            icmp 1
            igmp 2
            ipencap 4 ipip
            tcp 6
            udp 17
            dccp 33
            ipv6 41
            gre 47
            esp 50
            ah 51
            ipv6-icmp 58 icmp6 icmpv6
            eigrp 88
            ospf 89
            pim 103
            ipcomp 108
            vrrp 112
            l2tp 115
            sctp 132
            udplite 136
            """;

    private static final String SERVICES = """
            ftp-data 20
            ftp 21
            ssh 22
            telnet 23
            smtp 25
            domain 53 dns
            bootps 67
            bootpc 68
            tftp 69
            http 80 www
            kerberos 88
            pop3 110
            sunrpc 111
            ntp 123
            netbios-ns 137
            netbios-ssn 139
            imap2 143 imap
            snmp 161
            snmp-trap 162
            bgp 179
            ldap 389
            https 443
            microsoft-ds 445
            submissions 465
            isakmp 500 ike
            syslog 514
            submission 587
            ldaps 636
            domain-s 853
            imaps 993
            pop3s 995
            radius 1812
            nfs 2049
            mysql 3306
            ms-wbt-server 3389 rdp
            ipsec-nat-t 4500
            sip 5060
            postgresql 5432
            http-alt 8080
            """;

    private final Environment environment;

    Services(Environment environment) {
        this.environment = environment;
    }

    /** 0..255; 0 is any. */
    int protocol(String text) {
        if (isNumber(text)) {
            return (int) Given.number("--transport-proto", text, 0, 255);
        }
        var names = names(PROTOCOLS, "protocols");
        Integer number = names.get(text);
        if (number == null || number > 255) {
            throw new Refusal("--transport-proto " + Quote.of(text) + " is no protocol that is known here"
                    + NearestName.suggestion(text, new TreeSet<>(names.keySet()), "; a number 0..255 works always"));
        }
        return number;
    }

    /** A port, or {@code FIRST-LAST}; names may have a dash in them too. */
    PortRange ports(String option, String text) {
        Integer whole = port(option, text);
        if (whole != null) {
            return whole == 0 ? PortRange.ANY : PortRange.of(whole);
        }
        for (int dash = text.indexOf('-', 1); dash > 0; dash = text.indexOf('-', dash + 1)) {
            Integer first = port(option, text.substring(0, dash));
            Integer last = first == null ? null : port(option, text.substring(dash + 1));
            if (first != null && last != null) {
                if (last < first) {
                    throw new Refusal(option + " " + text + ": the range ends before it begins");
                }
                return new PortRange(first, last);
            }
        }
        throw new Refusal(option + " " + Quote.of(text) + " is no port that is known here"
                + NearestName.suggestion(
                        text,
                        new TreeSet<>(names(SERVICES, "services").keySet()),
                        "; a number 0..65535 works always, or a range A-B"));
    }

    private @Nullable Integer port(String option, String text) {
        if (isNumber(text) && text.indexOf('-') < 0) {
            return (int) Given.number(option, text, 0, MAX_PORT);
        }
        return names(SERVICES, "services").get(text);
    }

    private static boolean isNumber(String text) {
        return !text.isEmpty() && text.charAt(0) >= '0' && text.charAt(0) <= '9';
    }

    /** Ours first: a file that calls another port http does not change what a script means. */
    private Map<String, Integer> names(String builtIn, String file) {
        var names = new HashMap<String, Integer>();
        read(builtIn.lines().toList(), names);
        Path path = environment.host().files().resolve("etc").resolve(file);
        try {
            read(Files.readAllLines(path), names);
        } catch (IOException e) {
            return names; // no such file, or one that cannot be read: the built-in names are what there is
        }
        return names;
    }

    /** {@code NAME NUMBER[/WHATEVER] [ALIAS ...]}. */
    private static void read(List<String> lines, Map<String, Integer> names) {
        for (String line : lines) {
            List<String> words = TextFile.words(line);
            if (words.size() < 2) {
                continue;
            }
            String text = words.get(1);
            int slash = text.indexOf('/');
            int number = 0;
            String digits = slash < 0 ? text : text.substring(0, slash);
            for (int i = 0; i < digits.length() && number >= 0; i++) {
                int digit = digits.charAt(i) - '0';
                number = digit < 0 || digit > 9 || number > MAX_PORT ? -1 : 10 * number + digit;
            }
            if (digits.isEmpty() || number < 0 || number > MAX_PORT) {
                continue;
            }
            names.putIfAbsent(words.getFirst(), number);
            for (String alias : words.subList(2, words.size())) {
                names.putIfAbsent(alias, number);
            }
        }
    }
}
