package org.spigrp.engine.capture;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayInputStream;
import java.io.OutputStream;
import org.spigrp.engine.capture.CaptureReader.Found;
import org.spigrp.wire.Octets;

/** Any octets as a capture: records that lie in the file and can be written again, or one clear refusal. */
class CaptureFuzzTest {
    @FuzzTest(maxDuration = "10s")
    void any_octets(byte[] data) {
        try (CaptureReader reader = CaptureReader.open("fuzz", new ByteArrayInputStream(data));
                CaptureWriter writer = reader.writer("copy", OutputStream.nullOutputStream())) {
            var record = new CaptureRecord();
            while (reader.next(record) == Found.RECORD) {
                var frame = new Octets(record.array, record.start, record.length);
                if (record.length > data.length || record.linkType.ipOffset(frame) > record.length) {
                    throw new AssertionError("a record of " + record.length + " octets in " + data.length);
                }
                writer.write(
                        record, record.array, record.start, record.length, record.array, 0, 0, record.originalLength);
            }
        } catch (CaptureTrouble trouble) {
            if (trouble.isMachine() || !String.valueOf(trouble.getMessage()).startsWith("fuzz ")) {
                throw trouble;
            }
        }
    }
}
