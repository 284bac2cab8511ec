package org.spigrp.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** A socket that asks the kernel about links, addresses and routes, or is told of changes (rtnetlink(7)). */
final class Netlink implements AutoCloseable {
    static final int REQUEST = 0x1;
    static final int ACK = 0x4;
    static final int REPLACE = 0x100;
    static final int EXCL = 0x200;
    static final int CREATE = 0x400;
    private static final int DUMP = 0x300;

    private static final int NETLINK_ROUTE = 0;
    /** The kernel fills no more than 32 KiB at a time. */
    private static final int BUFFER_OCTETS = 1 << 16;
    /** The kernel answers before sendmsg returns; whoever waits so long waits in vain. */
    private static final long ANSWER_SECONDS = 10;
    /** How often a list is asked for again that changed while it was given. */
    private static final int MAX_TRIES = 10;

    private final Arena arena = Arena.ofShared();
    private final Libc libc = new Libc(arena);
    private final MemorySegment buffer = arena.allocate(BUFFER_OCTETS, 8);
    private final KernelSocket socket;
    private int sequence;
    private boolean closed;

    /** @param groups what to be told of by itself, 0 = nothing */
    Netlink(int groups) {
        socket = KernelSocket.open(libc, Layouts.AF_NETLINK, Layouts.SOCK_RAW, NETLINK_ROUTE, "a netlink socket");
        if (groups != 0) {
            socket.buffers();
            MemorySegment address = arena.allocate(12, 8); // sockaddr_nl: family 0..1 | - | port 4..7 | groups 8..11
            address.set(JAVA_SHORT, 0, (short) Layouts.AF_NETLINK);
            address.set(JAVA_INT, 8, groups);
            int result = socket.bind(address);
            if (result < 0) {
                socket.close();
                throw new KernelTrouble(
                        "cannot listen to changes of links and routes: " + Errno.text(-result), -result);
            }
        }
    }

    int descriptor() {
        return socket.fd();
    }

    /** A request to be filled from {@link NetlinkMessage#HEADER}: all octets zero, position behind the header. */
    static ByteBuffer request() {
        return ByteBuffer.allocate(256).order(ByteOrder.nativeOrder()).position(NetlinkMessage.HEADER);
    }

    static void attribute(ByteBuffer request, int type, byte[] value) {
        request.putShort((short) (4 + value.length)).putShort((short) type).put(value);
        request.position(request.position() + 3 & ~3);
    }

    static void attribute(ByteBuffer request, int type, int value) {
        request.putShort((short) 8).putShort((short) type).putInt(value);
    }

    /** Everything of one kind. */
    List<NetlinkMessage> dump(int type, int what) {
        for (int i = 0; i < MAX_TRIES; i++) {
            ByteBuffer request = request();
            request.put((byte) 0).put(new byte[15]); // any family; the largest of the three bodies
            List<NetlinkMessage> found = new ArrayList<>();
            boolean whole = true;
            send(request, type, REQUEST | DUMP);
            NetlinkMessage message;
            do {
                for (NetlinkMessage next : answer()) {
                    found.add(next);
                    whole &= !next.isInterrupted();
                }
                message = found.getLast();
                if (message.type() == NetlinkMessage.ERROR) {
                    int result = message.result();
                    throw new KernelTrouble("the kernel does not list its tables: " + Errno.text(-result), -result);
                }
            } while (message.type() != NetlinkMessage.DONE);
            if (whole) {
                found.removeIf(other -> other.type() != what);
                return found;
            }
        }
        throw new KernelTrouble("the kernel's tables change too fast to be listed; try again", Errno.EAGAIN.number());
    }

    /** 0 if it was done, or -errno. */
    int change(ByteBuffer request, int type, int flags) {
        send(request, type, flags | REQUEST | ACK);
        while (true) {
            for (NetlinkMessage message : answer()) {
                if (message.type() == NetlinkMessage.ERROR) {
                    return message.result();
                }
            }
        }
    }

    private void send(ByteBuffer request, int type, int flags) {
        int length = request.position();
        request.putInt(0, length);
        request.putShort(4, (short) type);
        request.putShort(6, (short) flags);
        request.putInt(8, ++sequence);
        buffer.copyFrom(MemorySegment.ofBuffer(request.flip()));
        int sent;
        do {
            sent = libc.send(socket.fd(), buffer.address(), length, 0);
        } while (Errno.EINTR.is(sent));
        if (sent < 0) {
            throw new KernelTrouble("the kernel takes no question by netlink: " + Errno.text(-sent), -sent);
        }
    }

    private List<NetlinkMessage> answer() {
        while (true) {
            List<NetlinkMessage> messages = new ArrayList<>();
            int result = read(messages);
            messages.removeIf(message -> message.sequence() != sequence);
            if (result >= 0 && !messages.isEmpty()) {
                return messages;
            }
            if (Errno.EAGAIN.is(result)) {
                await();
            } else if (result < 0) {
                throw new KernelTrouble("the kernel's answer was lost: " + Errno.text(-result), -result);
            }
        }
    }

    private void await() {
        try (var scratch = Arena.ofConfined()) {
            MemorySegment poll = scratch.allocate(8, 8);
            poll.set(JAVA_INT, 0, socket.fd());
            poll.set(JAVA_SHORT, 4, (short) Epoll.IN);
            MemorySegment time = scratch.allocate(16, 8);
            time.set(JAVA_LONG, 0, ANSWER_SECONDS);
            if (libc.ppoll(poll.address(), 1, time.address()) == 0) {
                throw new KernelTrouble("the kernel does not answer by netlink", Errno.EAGAIN.number());
            }
        }
    }

    /** Adds what can be read at once. At least 0, or -errno; EAGAIN = nothing now. */
    synchronized int read(List<NetlinkMessage> into) {
        if (closed) {
            return -Errno.EAGAIN.number();
        }
        int length;
        do {
            length = libc.recv(socket.fd(), buffer.address(), BUFFER_OCTETS, 0);
        } while (Errno.EINTR.is(length));
        if (length < 0) {
            return length;
        }
        byte[] octets = new byte[length];
        MemorySegment.copy(buffer, JAVA_BYTE, 0, octets, 0, length);
        ByteBuffer all = ByteBuffer.wrap(octets).order(ByteOrder.nativeOrder());
        int at = 0;
        while (at + NetlinkMessage.HEADER <= length) {
            int count = all.getInt(at);
            if (count < NetlinkMessage.HEADER || count > length - at) {
                break;
            }
            into.add(new NetlinkMessage(all.slice(at, count).order(ByteOrder.nativeOrder())));
            at += count + 3 & ~3;
        }
        return length;
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            socket.close();
            arena.close();
        }
    }
}
