package org.spigrp.engine;

import org.spigrp.sa.SaState;
import org.spigrp.sa.Transform;
import org.spigrp.wire.Packet;
import org.spigrp.wire.Verdict;

/**
 * One SA at work. Begin edits headers and fills the job; if {@link CryptoJob#context} is set then, the batch's crypto
 * runs; end finishes. {@link Verdict#NONE} = go on; anything else ends the packet. No exceptions, no allocation.
 *
 * <p>What a caller does for one SA and some packets of a batch, one job for each packet, the same from begin to
 * accept. {@link Worker#now} has been called for the batch; lifetimes and policy were looked at.
 *
 * <pre>
 *   out:  state().needsGrant(n), stageGrants(n), commit, granted(durable)
 *         beginOut; CryptoEngine.seal of the jobs with a context; endOut         (use is counted in endOut)
 *   in:   beginIn; CryptoEngine.open of the jobs with a context; endIn;
 *         needsCeiling(job): stageCeiling(job), commit, state().ceilingGranted(durable);
 *         acceptIn                                                              (use is counted in acceptIn)
 * </pre>
 *
 * A packet of one layer is accepted before the next layer begins. The packet starts at the IP header whose payload
 * (behind IPv6 extension headers) the layer adds; where the header is that it takes off, {@link Front} says. For
 * UDP-encapsulated ESP that is the UDP header. Octets behind the IP packet, as Ethernet pads it, are cut off. Where the sender did not compress, the caller leaves the
 * IPComp layer out and counts the packet with {@link SaState#countCompression}.
 */
abstract class Layer {
    final SaState state;
    final Worker worker;

    Layer(SaState state, Worker worker) {
        this.state = state;
        this.worker = worker;
    }

    /** The layer for an SA. Keys are handed to the crypto engine when the first packet comes. */
    static Layer of(SaState state, Worker worker) {
        return switch (state.sa().transform()) {
            case Transform.Esp esp -> new EspLayer(state, esp, worker);
            case Transform.Ah ah -> new AhLayer(state, ah, worker);
            case Transform.Comp comp -> new CompLayer(state, comp, worker);
            case Transform.Tunnel tunnel -> new TunnelLayer(state, tunnel, worker);
        };
    }

    final SaState state() {
        return state;
    }

    /** Sequence number and IV are taken here. */
    abstract Verdict beginOut(Packet packet, CryptoJob job);

    abstract Verdict endOut(Packet packet, CryptoJob job);

    /** Checks lengths and the replay window; changes neither window nor counts. */
    abstract Verdict beginIn(Packet packet, Front front, CryptoJob job);

    /** After a good ICV: looks at the padding and takes the layer off. */
    abstract Verdict endIn(Packet packet, Front front, CryptoJob job);

    /** Moves the window and counts use. */
    abstract Verdict acceptIn(Packet packet, Front front, CryptoJob job);

    /** True if {@link #stageCeiling} and a commit must come before {@link #acceptIn}. */
    final boolean needsCeiling(CryptoJob job) {
        return job.number != 0 && state.needsCeiling(job.number);
    }

    final void stageCeiling(CryptoJob job) {
        state.stageCeiling(job.number, worker.nanos());
    }

    /** Overwrites keys as far as the crypto engine can. The layer is not used again. */
    void close() {}
}
