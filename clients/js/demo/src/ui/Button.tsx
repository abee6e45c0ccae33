import type { ButtonHTMLAttributes, Ref } from 'react';
import { Icon, type IconName } from './Icon.tsx';

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> { icon: IconName; label: string; ref?: Ref<HTMLButtonElement> }

/** A button that is an icon, with its name for those who do not see or know it. */
export function IconButton({ icon, label, className = '', ...rest }: Props) {
	return (
		<button type="button" className={`icon-button ${className}`} aria-label={label} title={label} {...rest}>
			<Icon name={icon} />
		</button>
	);
}
