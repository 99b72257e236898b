"""Questions as versioned data, and the answers entered from paper."""
