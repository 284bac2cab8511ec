package org.spigrp.cli;

/** Amounts for people. */
final class Amounts {
    private Amounts() {}

    /** {@code 512 octets}, {@code 3.6 MiB}. */
    static String octets(long octets) {
        if (octets < 1024) {
            return octets + " octets";
        }
        String[] units = {"KiB", "MiB", "GiB", "TiB"};
        int unit = 0;
        long tenths = octets * 10 / 1024;
        while (tenths >= 10_240 && unit < units.length - 1) {
            tenths /= 1024;
            unit++;
        }
        return tenths / 10 + "." + tenths % 10 + " " + units[unit];
    }

    /** Packets in a second. */
    static String rate(long packets, long millis) {
        long perSecond = millis == 0 ? 0 : packets * 1000 / millis;
        return perSecond < 10_000 ? perSecond + " packets/s" : perSecond / 1000 + "k packets/s";
    }

    /** {@code 0:07}, {@code 1:02:03}. */
    static String time(long seconds) {
        String rest = two(seconds % 60);
        return seconds < 3600 ? seconds / 60 + ":" + rest : seconds / 3600 + ":" + two(seconds / 60 % 60) + ":" + rest;
    }

    /** {@code 1 packet}, {@code 2 packets}. */
    static String count(long number, String what) {
        return number + " " + what + (number == 1 ? "" : "s");
    }

    private static String two(long number) {
        return number < 10 ? "0" + number : Long.toString(number);
    }
}
