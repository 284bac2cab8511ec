package org.spigrp.cli;

import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/** What the system's exceptions mean, in words for a person. */
final class Trouble {
    private Trouble() {}

    static String why(Exception e) {
        return switch (e) {
            case NoSuchFileException _ -> "there is no such file";
            case AccessDeniedException _ -> "permission denied";
            case NotDirectoryException _ -> "not a directory";
            case java.nio.charset.CharacterCodingException _ -> "not a text file (UTF-8)";
            case FileSystemException file when file.getReason() != null -> String.valueOf(file.getReason());
            default -> e.getMessage() == null ? e.getClass().getSimpleName() : String.valueOf(e.getMessage());
        };
    }
}
