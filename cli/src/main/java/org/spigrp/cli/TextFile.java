package org.spigrp.cli;

import java.util.ArrayList;
import java.util.List;

/** Lines of the files under /etc: words between blanks, {@code #} begins a comment. */
final class TextFile {
    private TextFile() {}

    static List<String> words(String line) {
        int comment = line.indexOf('#');
        String text = comment < 0 ? line : line.substring(0, comment);
        var words = new ArrayList<String>();
        int at = 0;
        while (at < text.length()) {
            int end = at;
            while (end < text.length() && text.charAt(end) > ' ') {
                end++;
            }
            if (end > at) {
                words.add(text.substring(at, end));
            }
            at = end + 1;
        }
        return words;
    }
}
