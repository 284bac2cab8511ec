package org.spigrp.sa;

/** Limits of an SA; 0 = none. A limit is passed when the count before a packet is greater than it. Times in seconds. */
public record Lifetimes(Limit allocations, Limit bytes, Limit addtime, Limit usetime, Limit packets) {
    public static final Lifetimes NONE = new Lifetimes(Limit.NONE, Limit.NONE, Limit.NONE, Limit.NONE, Limit.NONE);

    /**
     * One limit; a soft limit above the hard one becomes equal to it.
     *
     * @param soft announces once
     * @param hard ends the SA
     */
    public record Limit(long soft, long hard) {
        public static final Limit NONE = new Limit(0, 0);

        public Limit {
            if (hard != 0 && soft > hard) {
                soft = hard;
            }
        }
    }
}
