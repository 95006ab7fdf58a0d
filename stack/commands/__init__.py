"""The commands of `showroom`: each module adds its own with `register`."""
