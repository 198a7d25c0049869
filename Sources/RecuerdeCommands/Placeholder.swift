public enum RecuerdeCommandsPlaceholder {}
